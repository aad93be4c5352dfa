import { useState } from 'react';
import { useSession } from '../../base/context.ts';
import { useWords } from '../../i18n/words.ts';
import { Button } from '../../ui/button.tsx';
import { ActDialog } from './act-dialog.tsx';
import { type Intent, rightFor } from './intents.ts';

/** Buttons for what whoever is signed in may do here, each with what it means; `onDone`: something was done, or has changed. */
export function ActList({ intents, onDone }: { intents: readonly Intent[]; onDone: () => void }) {
  const words = useWords();
  const { rights } = useSession();
  const [open, setOpen] = useState<Intent | null>(null);
  const mine = intents.filter((intent) => rights.includes(rightFor(intent)));
  if (mine.length === 0 && open === null) return <p className="text-label text-soft">{words.story.noActs}</p>;
  return (
    <>
      <ul className="flex flex-col gap-3">
        {mine.map((intent) => {
          const { title, lead } = words.acts.intents[intent.id];
          return (
            <li key={intent.id} className="flex flex-col gap-1">
              <Button
                className="w-full"
                onPress={() => {
                  setOpen(intent);
                }}
              >
                {title}
              </Button>
              <p className="text-fine text-soft">{lead}</p>
            </li>
          );
        })}
      </ul>
      {open !== null && (
        <ActDialog
          intent={open}
          onDone={onDone}
          onClose={() => {
            setOpen(null);
          }}
        />
      )}
    </>
  );
}
