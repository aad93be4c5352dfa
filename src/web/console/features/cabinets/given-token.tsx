import { useFormat } from '../../base/format.ts';
import { useWords } from '../../i18n/words.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Note } from '../../ui/note.tsx';
import { Qr } from '../../ui/qr.tsx';
import type { Given } from './token-dialog.tsx';

/** Shown once: a code for the cabinet's camera, and the same as text. */
export function GivenToken({ given }: { given: Given }) {
  const words = useWords().cabinets;
  const { time } = useFormat();
  return (
    <Note look="good">
      <p className="font-semibold">{words.given(given.cabinetId)}</p>
      <p>{words.givenLead(time(given.endsAtMs))}</p>
      <div className="my-3 flex flex-wrap items-center gap-4">
        <Qr text={given.forCabinet} label={words.qr} />
        <div className="flex min-w-0 grow basis-64 flex-col items-start gap-2">
          <p className="w-full rounded-field bg-card px-3 py-2 break-all">
            <code data-testid="for-cabinet">{given.forCabinet}</code>
          </p>
          <CopyButton text={given.forCabinet} />
        </div>
      </div>
      <p>{words.givenHow}</p>
    </Note>
  );
}
