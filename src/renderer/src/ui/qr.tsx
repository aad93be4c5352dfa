import { useMemo } from 'react';
import { drawnQr } from '../../../shared/util/drawn-qr.ts';

/** A QR code as one vector path. Always dark on white, by day and by night: not every phone reads an inverted one. */
export function Qr({ text, label, className = '' }: { text: string; label: string; className?: string }) {
  const { size, path } = useMemo(() => drawnQr(text), [text]);
  return (
    <svg
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      className={className}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#16181d" />
    </svg>
  );
}
