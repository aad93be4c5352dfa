import { useState } from 'react';
import type { ConsoleAct, Preview } from '../../../../shared/console/acts.schema.ts';
import type { Currency } from '../../../../shared/money.ts';
import type { Failed } from '../../base/client.ts';
import { useClient } from '../../base/context.ts';
import { useFormat } from '../../base/format.ts';
import { useWords } from '../../i18n/words.ts';
import { Button } from '../../ui/button.tsx';
import { DialogBox } from '../../ui/dialog.tsx';
import { FailedNote, Note } from '../../ui/note.tsx';
import { ActForm, type Typed } from './act-form.tsx';
import { Changes } from './changes.tsx';
import type { Intent } from './intents.ts';

interface Wanted {
  readonly act: ConsoleAct;
  readonly reason: string;
}
type Step =
  | { readonly at: 'form' }
  | { readonly at: 'preview'; readonly wanted: Wanted; readonly preview: Preview; readonly isAnew: boolean }
  | { readonly at: 'done'; readonly isProposed: boolean };

const emptyForm: Typed = { amount: null, chosen: [], reference: '', reason: '' };

/**
 * One act, from what somebody wants to its end: what is asked for, what would come of it, then the act itself with the version
 * that was seen. Where it has changed meanwhile nothing was done: what would come of it now is shown, and asked for anew.
 */
export function ActDialog({
  intent,
  onClose,
  onDone,
}: {
  intent: Intent;
  onClose: () => void;
  onDone: () => void;
}) {
  const words = useWords().acts;
  const client = useClient();
  const [typed, setTyped] = useState(emptyForm);
  const [step, setStep] = useState<Step>({ at: 'form' });
  const [failed, setFailed] = useState<Failed | null>(null);
  const [busy, setBusy] = useState(false);

  const look = async (wanted: Wanted, isAnew: boolean): Promise<void> => {
    const answer = await client.ask('previewAct', wanted);
    if (answer.ok) setStep({ at: 'preview', wanted, preview: answer.value, isAnew });
    else {
      setStep({ at: 'form' });
      setFailed(answer.error);
    }
  };
  const confirm = async (wanted: Wanted, { version }: Preview): Promise<void> => {
    const answer = await client.ask('act', { ...wanted, version });
    if (answer.ok) setStep({ at: 'done', isProposed: answer.value.outcome === 'proposed' });
    else if (answer.error.code === 'conflict') await look(wanted, true);
    else setFailed(answer.error);
    // What stands behind the dialog is another one now, whatever came of it.
    onDone();
  };
  const run = (work: Promise<void>): void => {
    setFailed(null);
    setBusy(true);
    void work.finally(() => {
      setBusy(false);
    });
  };
  const { title, lead } = words.intents[intent.id];
  const cannot = failed?.code === 'conflict' || failed?.code === 'bad_request' ? words.cannot : undefined;
  return (
    <DialogBox heading={title} onClose={onClose}>
      {step.at === 'form' && (
        <>
          <p className="text-label text-soft">{lead}</p>
          <ActForm
            intent={intent}
            typed={typed}
            onType={setTyped}
            busy={busy}
            onCancel={onClose}
            onLook={(wanted) => {
              run(look(wanted, false));
            }}
          />
        </>
      )}
      {step.at === 'preview' && (
        <PreviewStep
          {...step}
          currency={intent.currency}
          isGrave={intent.isGrave}
          busy={busy}
          onBack={() => {
            setFailed(null);
            setStep({ at: 'form' });
          }}
          onConfirm={() => {
            run(confirm(step.wanted, step.preview));
          }}
        />
      )}
      {step.at === 'done' && <DoneStep isProposed={step.isProposed} onClose={onClose} />}
      {failed !== null && <FailedNote failed={failed} instead={cannot} />}
    </DialogBox>
  );
}

function PreviewStep({
  wanted,
  preview,
  isAnew,
  currency,
  isGrave,
  busy,
  onBack,
  onConfirm,
}: {
  wanted: Wanted;
  preview: Preview;
  isAnew: boolean;
  currency: Currency | null;
  isGrave: boolean;
  busy: boolean;
  onBack: () => void;
  onConfirm: () => void;
}) {
  const words = useWords().acts;
  const { money } = useFormat();
  const { before, after, next, stakeMinor, needsSecond } = preview;
  return (
    <>
      {isAnew && (
        <Note look="care" alert>
          {words.changed}
        </Note>
      )}
      <h3 className="text-heading font-semibold">{words.previewHeading}</h3>
      <Changes before={before} after={after} />
      <Note look="plain">{words.next[next](money(movedBy(preview), currency))}</Note>
      {needsSecond && <Note look="care">{words.needsSecond(money(stakeMinor, currency))}</Note>}
      <p className="text-label">
        <span className="text-soft">{words.reason}: </span>
        {wanted.reason}
      </p>
      <div className="flex flex-wrap justify-end gap-3">
        <Button onPress={onBack} isDisabled={busy}>
          {words.back}
        </Button>
        <Button look={isGrave ? 'danger' : 'primary'} onPress={onConfirm} isDisabled={busy} autoFocus>
          {needsSecond ? words.propose : words.confirm}
        </Button>
      </div>
    </>
  );
}

/** How much goes by itself afterwards. */
function movedBy({ next, after }: Preview): number {
  const key = next === 'debit' ? 'dueMinor' : 'refundDueMinor';
  const value = after[key];
  return typeof value === 'number' ? value : 0;
}

function DoneStep({ isProposed, onClose }: { isProposed: boolean; onClose: () => void }) {
  const words = useWords();
  return (
    <>
      <Note look="good" alert>
        {isProposed ? words.acts.proposed : words.acts.done}
      </Note>
      <div className="flex justify-end">
        <Button look="primary" onPress={onClose} autoFocus>
          {words.close}
        </Button>
      </div>
    </>
  );
}
