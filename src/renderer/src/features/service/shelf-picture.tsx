import { useTranslation } from 'react-i18next';

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What a camera inside has seen, with slots drawn on it. `boxes`: shares of the picture. */
export function ShelfPicture({ jpeg, boxes }: { jpeg: string; boxes: readonly Box[] }) {
  const { t } = useTranslation();
  const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;
  return (
    <div className="relative overflow-hidden rounded-tile bg-sunk">
      <img
        data-testid="shelf-picture"
        src={`data:image/jpeg;base64,${jpeg}`}
        alt={t('photos.pictureOf')}
        className="block w-full"
      />
      {boxes.map(({ left, top, width, height }) => (
        <span
          key={`${left} ${top}`}
          className="absolute ring-8 ring-jade outline-4 outline-paper"
          style={{
            ...{ left: percent(left), top: percent(top) },
            ...{ width: percent(width), height: percent(height) },
          }}
        />
      ))}
    </div>
  );
}
