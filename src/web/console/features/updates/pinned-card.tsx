import { type SubmitEvent, useState } from 'react';
import type { Updates } from '../../../../shared/console/updates.schema.ts';
import { useWords } from '../../i18n/words.ts';
import { Card } from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';
import { Note } from '../../ui/note.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { type Intent, orderIntent, unpinIntent } from '../acts/intents.ts';

const cabinetForm = /^[A-Za-z0-9-]{1,32}$/;

/** Cabinets that follow the fleet no more. `onDo` null: this person may not. */
export function PinnedCard({ of, onDo }: { of: Updates; onDo: ((intent: Intent) => void) | null }) {
  const words = useWords().updates;
  const [cabinetId, setCabinetId] = useState('');
  const [isWrong, setWrong] = useState(false);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const named = cabinetId.trim();
    setWrong(!cabinetForm.test(named));
    if (cabinetForm.test(named)) onDo?.(orderIntent(of.order, named));
  };
  return (
    <Card heading={words.pinned}>
      <p className="text-label text-soft">{of.pinned.length === 0 ? words.noPinned : words.pinnedLead}</p>
      <ul className="flex flex-col gap-2 text-label">
        {of.pinned.map((one) => (
          <li key={one.cabinetId} className="flex flex-wrap items-center justify-between gap-2">
            <span className="font-semibold break-all">
              {words.pinnedTo(one.cabinetId, one.release ?? '–')}
            </span>
            {onDo !== null && (
              <Button
                aria-label={`${words.unpin}: ${one.cabinetId}`}
                onPress={() => {
                  onDo(unpinIntent(one.cabinetId));
                }}
              >
                {words.unpin}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {onDo !== null && (
        <form className="flex flex-wrap items-end gap-3" onSubmit={submit}>
          <TextField label={words.pinWhich} value={cabinetId} onChange={setCabinetId} className="grow" />
          <Button type="submit">{words.pin}</Button>
        </form>
      )}
      {isWrong && (
        <Note look="bad" alert>
          {words.badCabinet}
        </Note>
      )}
    </Card>
  );
}
