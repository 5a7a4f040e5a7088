import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import { currency } from "../design/Money";
import { money, roundMoney } from "../i18n/format";
import { language, t } from "../i18n/i18n";

const HEIGHT = 240;

/** Takings by hour as bars; the same figures follow as a table for those who cannot see them. */
export function HourChart({ values }: { values: readonly number[] }) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const spoken = language.value;

  useEffect(() => {
    let isGone = false;
    // The chart is the one large part of the console; it is loaded when somebody looks at it.
    void import("uplot").then(({ default: UPlot }) => {
      const box = place.current;
      if (isGone || !box) return;
      chart.current = new UPlot(options(UPlot, box.clientWidth), dataOf(values), box);
    });
    const watch = new ResizeObserver(() => {
      if (place.current) chart.current?.setSize({ width: place.current.clientWidth, height: HEIGHT });
    });
    if (place.current) watch.observe(place.current);
    return () => {
      isGone = true;
      watch.disconnect();
      chart.current?.destroy();
      chart.current = null;
    };
  }, [spoken, currency.value]);

  useEffect(() => chart.current?.setData(dataOf(values)), [values]);

  return (
    <>
      <div class="chart" ref={place} aria-hidden="true" />
      <div class="sr">
        <table>
          <caption>{t("Takings by hour")}</caption>
          <tbody>
            {values.map((cents, index) => (
              <tr key={index}>
                <th scope="row">{`${index}:00`}</th>
                <td>{money(cents, currency.value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function dataOf(values: readonly number[]): uPlot.AlignedData {
  return [values.map((_, hour) => hour), [...values]];
}

function options(UPlot: typeof uPlot, width: number): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const font = `13px ${style.getPropertyValue("--font")}`;
  const axis = { stroke: colour("--quiet"), font, ticks: { show: false }, grid: { stroke: colour("--rule"), width: 1 } };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [12, 8, 0, 0],
    scales: { x: { time: false, range: [-0.6, 23.6] }, y: { range: (_self, _least, most) => [0, Math.max(100, most * 1.08)] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        splits: () => [0, 4, 8, 12, 16, 20, 23],
        values: (_self, hours) => hours.map((hour) => String(hour)),
      },
      { ...axis, size: 70, values: (_self, sums) => sums.map((cents) => roundMoney(cents, currency.peek())) },
    ],
    series: [
      {},
      {
        fill: colour("--action"),
        stroke: colour("--action"),
        width: 0,
        paths: UPlot.paths.bars!({ size: [0.7, 60], radius: 0.15 }),
        points: { show: false },
      },
    ],
  };
}
