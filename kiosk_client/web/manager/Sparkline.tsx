/** A day by the hour as one line, without axes: its shape is its message, the number stands beside it. */
export function Sparkline({ values }: { values: readonly number[] }) {
  const most = Math.max(1, ...values);
  const points = values.map((value, hour) => `${(hour / (values.length - 1)) * 100},${30 - (value / most) * 28}`);
  return (
    <svg class="sparkline" viewBox="0 0 100 31" preserveAspectRatio="none" aria-hidden="true">
      <polygon points={`0,31 ${points.join(" ")} 100,31`} />
      <polyline points={points.join(" ")} vector-effect="non-scaling-stroke" />
    </svg>
  );
}
