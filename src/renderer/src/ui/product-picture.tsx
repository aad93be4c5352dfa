import { pictures } from './product-pictures.ts';

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
  const image = (
    <img
      src={picture.url}
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
