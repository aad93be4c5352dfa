import { useState } from 'react';
import type { ConsoleAct, Preview } from '../../../../shared/console/acts.schema.ts';
import type { Failed } from '../../base/client.ts';
import { useClient } from '../../base/context.ts';
import { useFormat } from '../../base/format.ts';
import { useSettings } from '../../base/settings.tsx';
import { windowsText } from '../../base/windows.ts';
import type { Words } from '../../i18n/shape.ts';
import { useWords } from '../../i18n/words.ts';
import { buttonLinkClass } from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';
import { DialogBox } from '../../ui/dialog.tsx';
import { FailedNote, Note } from '../../ui/note.tsx';
import { ActForm, type Typed } from './act-form.tsx';
import { Changes } from './changes.tsx';
import type { Intent } from './intents.ts';
import { MessageAsRead } from './message-fields.tsx';
import { ThingLink } from './thing-link.tsx';
import { type Thing, thingOf } from './thing-of.ts';

interface Wanted {
  readonly act: ConsoleAct;
  readonly reason: string;
}
type Step =
  | { readonly at: 'form' }
  | { readonly at: 'preview'; readonly wanted: Wanted; readonly preview: Preview; readonly isAnew: boolean }
  | { readonly at: 'done'; readonly isProposed: boolean; readonly thing: Thing | null };

const emptyForm: Typed = {
  ...{ amount: null, chosen: [], reference: '', reason: '', counts: {} },
  message: { template: 'free', text: '' },
  rollOut: null,
};

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
    if (answer.ok)
      setStep(
        answer.value.outcome === 'proposed'
          ? { at: 'done', isProposed: true, thing: { to: '/proposals', name: 'proposals' } }
          : { at: 'done', isProposed: false, thing: thingOf(wanted.act, answer.value.after) },
      );
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
  const isRefused = failed?.code === 'conflict' || failed?.code === 'bad_request';
  const cannot = isRefused ? words[intent.cannot] : undefined;
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
          intent={intent}
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
      {step.at === 'done' && <DoneStep {...step} onClose={onClose} />}
      {failed !== null && <FailedNote failed={failed} instead={cannot} />}
    </DialogBox>
  );
}

function PreviewStep({
  wanted,
  preview,
  isAnew,
  intent: { currency, isGrave, goods },
  busy,
  onBack,
  onConfirm,
}: {
  wanted: Wanted;
  preview: Preview;
  isAnew: boolean;
  intent: Intent;
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
      {wanted.act.kind === 'message_member' ? (
        <MessageAsRead message={wanted.act} />
      ) : (
        <>
          {wanted.act.kind === 'charge_visit' && <GoodsOf act={wanted.act} goods={goods} />}
          <Changes before={before} after={after} />
        </>
      )}
      <Note look="plain">
        {nextWords(wanted.act, preview.after, words) ?? words.next[next](money(movedBy(preview), currency))}
      </Note>
      {needsSecond && (
        <Note look="care">
          {secondWords(wanted.act, words) ?? words.needsSecond(money(stakeMinor, currency))}
        </Note>
      )}
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

type ActWords = Words['acts'];

/** What comes of an act that moves no money; null: of one that does. */
function nextWords(act: ConsoleAct, after: Preview['after'], words: ActWords): string | null {
  const { nextUpdates } = words;
  switch (act.kind) {
    case 'message_member':
      return words.nextMessage;
    case 'put_goods':
      return words.nextGoods;
    case 'put_promotions':
      return words.nextPromotions;
    case 'order_update': {
      const { release, windows, cabinetId } = act;
      const when = windows.length === 0 ? nextUpdates.anyTime : nextUpdates.within(windowsText(windows));
      return cabinetId === null
        ? nextUpdates.order(release, Number(after['reached']), Number(after['cabinets']), when)
        : nextUpdates.pin(cabinetId, release, when);
    }
    case 'pause_updates':
      return act.isPaused ? nextUpdates.pause : nextUpdates.resume;
    case 'withdraw_release':
      return nextUpdates.withdraw(act.release);
    case 'unpin_cabinet':
      return nextUpdates.unpin(act.cabinetId);
    default:
      return null;
  }
}

function secondWords(act: ConsoleAct, words: ActWords): string | null {
  if (act.kind === 'put_goods') return words.needsSecondGoods;
  if (act.kind === 'put_promotions') return words.needsSecondPromotions;
  return act.kind === 'order_update' ? words.needsSecondUpdate : null;
}

/** What was chosen, by its name. */
function GoodsOf({
  act,
  goods,
}: {
  act: ConsoleAct & { readonly kind: 'charge_visit' };
  goods: Intent['goods'];
}) {
  const { language } = useSettings();
  const nameOf = (sku: string): string => goods?.goods.find((one) => one.sku === sku)?.name[language] ?? sku;
  return (
    <ul className="text-label">
      {act.goods.map(({ sku, count }) => (
        <li key={sku}>
          {nameOf(sku)} × {count}
        </li>
      ))}
    </ul>
  );
}

/** How much goes by itself afterwards. */
function movedBy({ next, after }: Preview): number {
  const key = next === 'debit' ? 'dueMinor' : 'refundDueMinor';
  const value = after[key];
  return typeof value === 'number' ? value : 0;
}

function DoneStep({
  isProposed,
  thing,
  onClose,
}: {
  isProposed: boolean;
  thing: Thing | null;
  onClose: () => void;
}) {
  const words = useWords();
  return (
    <>
      <Note look="good" alert>
        {isProposed ? words.acts.proposed : words.acts.done}
      </Note>
      <div className="flex flex-wrap items-center justify-end gap-3">
        <ThingLink thing={thing} className={buttonLinkClass} />
        <Button look="primary" onPress={onClose} autoFocus>
          {words.close}
        </Button>
      </div>
    </>
  );
}
