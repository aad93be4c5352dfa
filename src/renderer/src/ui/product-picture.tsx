import { useEffect, useState } from 'react';
import { cartonUrl, pictures } from './product-pictures.ts';

/** After a picture that is not here yet. */
const askAgainMs = 5_000;

type Frame = 'tile' | 'plain';

/**
 * A product's picture. `tile`: on a soft ground of its own colour; `plain`: standing free, for the shelf. The name always
 * stands beside it, so it says nothing of its own to a screen reader.
 */
export function ProductPicture({
  name,
  frame,
  className = '',
}: {
  name: string;
  frame: Frame;
  className?: string;
}) {
  const picture = pictures(name);
  const [isMissing, setMissing] = useState(false);
  // It is on its way from the operator: asked for again, for this screen may stand for hours.
  useEffect(() => {
    if (!isMissing) return;
    const timer = setTimeout(() => {
      setMissing(false);
    }, askAgainMs);
    return () => {
      clearTimeout(timer);
    };
  }, [isMissing]);
  const image = (
    <img
      src={isMissing ? cartonUrl : picture.url}
      onError={() => {
        setMissing(true);
      }}
      alt=""
      draggable={false}
      className={`h-full w-full object-contain ${frame === 'plain' ? 'object-bottom' : ''}`}
    />
  );
  if (frame === 'plain') return <span className={`block ${className}`}>{image}</span>;
  return (
    <span
      className={`block shrink-0 overflow-hidden rounded-tile p-12 ${className}`}
      style={{ background: `var(--tint-${picture.tint})` }}
    >
      {image}
    </span>
  );
}
