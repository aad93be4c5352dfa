import { consoleFiles } from '../../../../shared/console/routes.ts';
import { pathAndQueryOf } from '../../../../shared/util/route-path.ts';
import { useFormat } from '../../base/format.ts';
import { useLoad } from '../../base/load.ts';
import { useWords } from '../../i18n/words.ts';
import { Card, linkClass } from '../../ui/bits.tsx';

/** What the member wrote by phone, and the pictures that they sent: to be saved, and never drawn here. */
export function ReportsCard({ chargeId }: { chargeId: string }) {
  const words = useWords().story;
  const { time } = useFormat();
  const { value } = useLoad('reports', { chargeId });
  if (value === null || value.words.length + value.photos.length === 0) return null;
  return (
    <Card heading={words.byPhone}>
      <ul className="flex flex-col gap-3">
        {value.words.map(({ disputeId, text, atMs }) => (
          <li key={disputeId} className="flex flex-col">
            <span className="text-label break-words whitespace-pre-line">{text}</span>
            <span className="tabular text-fine text-soft">{time(atMs)}</span>
          </li>
        ))}
        {value.photos.map(({ photoId, atMs, byteCount }, place) => (
          <li key={photoId}>
            <a
              className={linkClass}
              download
              href={pathAndQueryOf(consoleFiles.photo, { photoId: String(photoId) })}
            >
              {words.picture(String(place + 1), String(Math.ceil(byteCount / 1_024)), time(atMs))}
            </a>
          </li>
        ))}
      </ul>
    </Card>
  );
}
