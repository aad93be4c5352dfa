import { useMemo } from 'react';
import { drawnQr } from '../../../shared/util/drawn-qr.ts';

/** Always dark on white, by day and by night: not every scanner reads an inverted one. */
export function Qr({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => drawnQr(text), [text]);
  return (
    <svg
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      className="w-full rounded-card"
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#16181d" />
    </svg>
  );
}
