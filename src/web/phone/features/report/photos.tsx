import { Camera, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { reportBound, shrunkPhoto } from '../../../ui/photo.ts';
import { fill, useSpeech } from '../../i18n/words.ts';
import { lookOf } from '../../ui/button.tsx';
import { Note } from '../../ui/note.tsx';
import { Waiting } from '../../ui/waiting.tsx';

const removeLook =
  'absolute -top-2 -right-2 grid size-11 cursor-pointer place-items-center rounded-full border border-edge ' +
  'bg-card text-ink active:bg-sunk';
const addLook = 'mt-3 focus-within:outline-3 focus-within:outline-offset-2 focus-within:outline-jade-ink';

/** Taken with the camera or chosen; made small here, before anything is sent. */
export function Photos({
  photos,
  max,
  isBusy,
  onChange,
}: {
  photos: readonly string[];
  /** So many at most, those that are here already counted. */
  max: number;
  isBusy: boolean;
  onChange: (photos: readonly string[]) => void;
}) {
  const { words } = useSpeech();
  const { report } = words;
  const [state, setState] = useState<'idle' | 'shrinking' | 'unreadable'>('idle');
  const add = async (file: File): Promise<void> => {
    setState('shrinking');
    const photo = await shrunkPhoto(file, reportBound);
    setState(photo === null ? 'unreadable' : 'idle');
    if (photo !== null) onChange([...photos, photo]);
  };
  if (max === 0 && photos.length === 0) return null;
  return (
    <fieldset>
      <legend className="text-heading font-bold">{report.photos}</legend>
      <p className="text-small text-soft">{fill(report.photosLead, { count: max })}</p>
      {photos.length > 0 && (
        <ul className="mt-2 flex flex-wrap gap-3">
          {photos.map((photo, i) => (
            <li key={photo.slice(-64)} className="relative">
              <img
                src={photo}
                alt={fill(report.photo, { number: i + 1 })}
                data-testid="report-photo"
                className="size-28 rounded-field border border-line object-cover"
              />
              {!isBusy && (
                <button
                  type="button"
                  aria-label={fill(report.removePhoto, { number: i + 1 })}
                  data-testid={`remove-photo-${i + 1}`}
                  className={removeLook}
                  onClick={() => onChange(photos.filter((one) => one !== photo))}
                >
                  <Trash2 className="size-5" aria-hidden="true" />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {state === 'shrinking' && <Waiting>{report.shrinking}</Waiting>}
      {state === 'unreadable' && (
        <div role="alert" className="mt-2">
          <Note tone="amber">{report.unreadable}</Note>
        </div>
      )}
      {photos.length < max && !isBusy && state !== 'shrinking' && (
        <label className={`${lookOf('plain', true)} ${addLook}`}>
          <Camera className="size-5" aria-hidden="true" />
          {report.addPhoto}
          {/* Without `capture`: the phone asks whether to take one or to choose one. */}
          <input
            type="file"
            accept="image/*"
            className="sr-only"
            data-testid="report-add-photo"
            onChange={({ currentTarget }) => {
              const file = currentTarget.files?.[0];
              // The same one may be chosen again.
              currentTarget.value = '';
              if (file !== undefined) void add(file);
            }}
          />
        </label>
      )}
    </fieldset>
  );
}
