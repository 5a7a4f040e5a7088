import { useRef } from "preact/hooks";

const DOUBLE_TAP_MS = 500;

/**
 * For what appears where a finger is: the second tap of the double tap that brought it there is meant for nothing in
 * it. A double tap that began here is: a number with two noughts, keyed by a quick hand, has both of them.
 */
export function useOwnTaps(): (event: MouseEvent) => void {
  const appearedAt = useRef(performance.now());
  const isUntouched = useRef(true);
  return (event) => {
    const isMeantElsewhere = isUntouched.current && event.detail > 1 && performance.now() - appearedAt.current < DOUBLE_TAP_MS;
    if (isMeantElsewhere) event.stopPropagation();
    else isUntouched.current = false;
  };
}
