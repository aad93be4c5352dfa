import { useState } from 'react';
import type { CabinetRefusal } from '../../../../shared/phone/cabinet.ts';
import type { LookedCabinet } from '../../../../shared/phone/cabinet.schema.ts';
import { Link } from '../../base/address.tsx';
import { useClient } from '../../base/context.ts';
import type { FailureKind } from '../../base/failure.ts';
import { positionNow } from '../../base/position.ts';
import { useAsked } from '../../base/use-asked.ts';
import { useSecondsSince } from '../../base/use-clock.ts';
import { fill, useSpeech } from '../../i18n/words.ts';
import { Button, lookOf } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Note } from '../../ui/note.tsx';
import { Page } from '../../ui/page.tsx';
import { Failed, Waiting, WhenHere } from '../../ui/waiting.tsx';

/** Come by a cabinet's QR: which one it is, and whether this one is to be opened. */
export function CabinetPage({ text }: { text: string }) {
  const { words } = useSpeech();
  const client = useClient();
  const [isDeclined, setDeclined] = useState(false);
  const asked = useAsked(async () => {
    const answer = await client.ask('lookCabinet', { text });
    return answer.ok ? { ok: true, value: { ...answer.value, atMs: performance.now() } } : answer;
  });
  if (isDeclined)
    return (
      <Page title={words.cabinet.notOpened} screen="cabinet-declined" back={{ at: 'home' }}>
        <p>{words.cabinet.notOpenedLead}</p>
      </Page>
    );
  const { value } = asked;
  if (value?.opens === false) return <Refused reason={value.reason} />;
  if (value?.opens === true) return <Question looked={value} text={text} onNo={() => setDeclined(true)} />;
  return (
    <Page title={words.cabinet.title} screen="cabinet-looking">
      <WhenHere asked={asked} waiting={words.cabinet.looking}>
        {() => null}
      </WhenHere>
    </Page>
  );
}

type Opening = LookedCabinet & { readonly opens: true; readonly atMs: number };
type Step =
  | { readonly at: 'question' | 'locating' | 'asking' | 'accepted' }
  | { readonly at: 'refused'; readonly reason: CabinetRefusal }
  | { readonly at: 'failed'; readonly failure: FailureKind };

function Question({ looked, text, onNo }: { looked: Opening; text: string; onNo: () => void }) {
  const { words } = useSpeech();
  const client = useClient();
  const [step, setStep] = useState<Step>({ at: 'question' });
  const { cabinetId, asksPosition } = looked;
  const open = async (): Promise<void> => {
    setStep({ at: asksPosition ? 'locating' : 'asking' });
    const position = asksPosition ? await positionNow() : null;
    setStep({ at: 'asking' });
    const answer = await client.ask('openCabinet', { text, cabinetId, position });
    if (!answer.ok) setStep({ at: 'failed', failure: answer.failure });
    else if (answer.value.accepted) setStep({ at: 'accepted' });
    else setStep({ at: 'refused', reason: answer.value.reason });
  };
  if (step.at === 'refused') return <Refused reason={step.reason} />;
  if (step.at === 'accepted') return <Accepted cabinetId={cabinetId} />;
  return (
    <Page title={words.cabinet.title} lead={words.cabinet.lead} screen="cabinet">
      <ThisOne looked={looked} />
      {asksPosition && (
        <Note tone="plain" title={words.cabinet.position}>
          <p>{words.cabinet.positionLead}</p>
        </Note>
      )}
      {step.at === 'failed' && <Failed failure={step.failure} />}
      {step.at === 'locating' || step.at === 'asking' ? (
        <Waiting>{step.at === 'locating' ? words.cabinet.locating : words.cabinet.asked}</Waiting>
      ) : (
        <div className="space-y-3">
          <Button look="primary" isWide onPress={() => void open()} testId="cabinet-yes">
            {words.cabinet.yes}
          </Button>
          <Button isWide onPress={onNo} testId="cabinet-no">
            {words.cabinet.no}
          </Button>
        </div>
      )}
    </Page>
  );
}

function ThisOne({
  looked: { cabinetId, place, shownForMs, endsAtMs, nowMs, atMs, asksPosition },
}: {
  looked: Opening;
}) {
  const { words, text } = useSpeech();
  const since = useSecondsSince(atMs);
  const left = Math.max(0, Math.floor((endsAtMs - nowMs) / 1_000) - since);
  const age = { seconds: Math.floor(shownForMs / 1_000) + since, left };
  return (
    <Card>
      <p className="text-title leading-tight font-extrabold" data-testid="cabinet-place">
        {place === null ? fill(words.purchase.elsewhere, { id: cabinetId }) : text(place)}
      </p>
      {place === null && <p>{words.cabinet.noPlace}</p>}
      <dl className="mt-2 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        <dt className="text-soft">{words.cabinet.id}</dt>
        <dd className="tabular font-bold" data-testid="cabinet-id">
          {cabinetId}
        </dd>
        <dt className="text-soft">{words.cabinet.shown}</dt>
        <dd className="tabular">
          {left > 0 || asksPosition ? fill(words.cabinet.shownFor, age) : words.cabinet.over.title}
        </dd>
      </dl>
    </Card>
  );
}

function Accepted({ cabinetId }: { cabinetId: string }) {
  const { words } = useSpeech();
  return (
    <Page title={words.cabinet.openingTitle} screen="cabinet-accepted">
      <div role="status">
        <Note tone="jade" title={fill(words.cabinet.openingLead, { id: cabinetId })}>
          <p>{words.cabinet.openingNext}</p>
        </Note>
      </div>
      <Link to={{ at: 'home' }} className={lookOf('plain', true)}>
        {words.cabinet.toPurchases}
      </Link>
    </Page>
  );
}

function Refused({ reason }: { reason: CabinetRefusal }) {
  const { words } = useSpeech();
  const { title, remedy } = words.cabinet.refused[reason];
  return (
    <Page title={title} screen="cabinet-refused">
      <div role="alert" data-testid={`cabinet-refused-${reason}`}>
        <Note tone={reason === 'forged' || reason === 'too_far' ? 'cinnabar' : 'amber'}>
          <p>{remedy}</p>
        </Note>
      </div>
      <Link to={{ at: 'home' }} className={lookOf('plain', true)}>
        {words.homeName}
      </Link>
    </Page>
  );
}
