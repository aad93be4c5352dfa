import { drawnQr } from '../../../shared/util/drawn-qr.ts';

/** Dark on white by day and by night: not every phone reads an inverted one. */
export function Qr({ text, label }: { text: string; label: string }) {
  const { size, path } = drawnQr(text);
  return (
    <svg
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      className="w-56 self-center rounded-field"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#16181d" shapeRendering="crispEdges" />
    </svg>
  );
}
