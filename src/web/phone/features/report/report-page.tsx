import { phoneStore } from '../../base/store.ts';
import { useState } from 'react';
import { makeDisputeId } from '../../../../shared/ids.ts';
import { idRandomByteCount } from '../../../../shared/ids.ts';
import { photosOfReportMax } from '../../../../shared/phone/calls.ts';
import type { PhonePurchase } from '../../../../shared/phone/purchases.schema.ts';
import { useHere } from '../../base/address.tsx';
import { useClient, useSession } from '../../base/context.ts';
import type { ReportDraft } from '../../base/draft.ts';
import { readDraft, removeDraft, writeDraft } from '../../base/draft.ts';
import type { FailureKind } from '../../base/failure.ts';
import { useAsked } from '../../base/use-asked.ts';
import { fill, useSpeech } from '../../i18n/words.ts';
import { Button } from '../../ui/button.tsx';
import { Note } from '../../ui/note.tsx';
import { Page } from '../../ui/page.tsx';
import { Failed, Waiting, WhenHere } from '../../ui/waiting.tsx';
import { Photos } from './photos.tsx';
import { ReportForm } from './report-form.tsx';
import type { Sending } from './send-report.ts';
import { sendReport } from './send-report.ts';

/** "Something is wrong": which lines, what, in whose words, with which pictures. It is kept until all of it has been taken. */
export function ReportPage({ chargeId }: { chargeId: string }) {
  const { words } = useSpeech();
  const client = useClient();
  const asked = useAsked(() => client.ask('purchase', undefined, { chargeId }), 'once');
  const [isTaken, setTaken] = useState(false);
  // Of a report that there is, pictures alone are asked for.
  const isForPhotos = isTaken || (asked.value !== null && asked.value.told.report !== null);
  return (
    <Page
      title={isForPhotos ? words.purchase.photosMore : words.report.title}
      lead={isForPhotos ? undefined : words.report.lead}
      back={{ at: 'purchase', chargeId }}
      screen="report"
    >
      <WhenHere asked={asked}>
        {(purchase) => <Report purchase={purchase} onTaken={() => setTaken(true)} />}
      </WhenHere>
    </Page>
  );
}

function newDraft({ told, photosLeft }: PhonePurchase): ReportDraft {
  const disputeId = makeDisputeId(Date.now(), crypto.getRandomValues(new Uint8Array(idRandomByteCount)));
  // Of a report that there is, pictures alone may be added.
  const isTaken = told.report !== null;
  return {
    ...{ disputeId, skus: [], kind: null, words: '', photos: [], isTaken },
    photosLeft: isTaken ? photosLeft : null,
  };
}

function Report({ purchase, onTaken }: { purchase: PhonePurchase; onTaken: () => void }) {
  const { words } = useSpeech();
  const { chargeId, mayReport, photosLeft } = purchase;
  const { memberId } = useSession();
  const { goInstead } = useHere();
  const client = useClient();
  const [draft, setDraft] = useState(() => readDraft(phoneStore, memberId, chargeId) ?? newDraft(purchase));
  const [isKept, setKept] = useState(true);
  const [sending, setSending] = useState<Sending | null>(null);
  const [failure, setFailure] = useState<FailureKind | null>(null);
  const keep = (next: ReportDraft): void => {
    setDraft(next);
    setKept(writeDraft(phoneStore, memberId, chargeId, next));
    if (next.isTaken) onTaken();
  };
  const leave = (): void => {
    removeDraft(phoneStore, memberId, chargeId);
    goInstead({ at: 'purchase', chargeId });
  };
  const send = async (): Promise<void> => {
    setFailure(null);
    const kindWord = draft.kind === null ? null : words.report.kinds[draft.kind];
    const sent = await sendReport({
      ...{ api: client, purchase, draft, kindWord },
      onTaken: keep,
      onStep: setSending,
    });
    setSending(null);
    if (sent.ok) leave();
    else setFailure(sent.failure);
  };
  const isBusy = sending !== null;
  if (!mayReport && !draft.isTaken) return <Note tone="plain">{words.report.notNow}</Note>;
  return (
    <form
      className="space-y-5"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy) void send();
      }}
    >
      {draft.isTaken ? (
        <div role="status">
          <Note
            tone="jade"
            title={draft.photos.length > 0 ? words.report.photosMissing : words.report.sent}
          />
        </div>
      ) : (
        <ReportForm purchase={purchase} draft={draft} onChange={keep} />
      )}
      <Photos
        photos={draft.photos}
        max={draft.isTaken ? (draft.photosLeft ?? photosLeft) : photosOfReportMax}
        isBusy={isBusy}
        onChange={(photos) => keep({ ...draft, photos })}
      />
      {failure !== null && <Failed failure={failure} />}
      {isBusy && (
        <Waiting>
          {sending.step === 'report'
            ? words.report.sending
            : fill(words.report.sendingPhoto, { number: sending.number, percent: sending.percent })}
        </Waiting>
      )}
      <SendButtons draft={draft} isBusy={isBusy} hasFailed={failure !== null} onDrop={leave} />
      <p className="text-small text-soft">{isKept ? words.report.kept : words.report.notKept}</p>
    </form>
  );
}

function SendButtons({
  draft: { isTaken, photos, skus },
  isBusy,
  hasFailed,
  onDrop,
}: {
  draft: ReportDraft;
  isBusy: boolean;
  hasFailed: boolean;
  onDrop: () => void;
}) {
  const { words } = useSpeech();
  const isEmpty = isTaken ? photos.length === 0 : skus.length === 0;
  const first = isTaken ? words.report.sendPhotos : words.report.send;
  return (
    <div className="space-y-3">
      {isEmpty && !isTaken && (
        <p id="choose-first" className="text-small text-soft">
          {words.report.choose}
        </p>
      )}
      <Button
        type="submit"
        look="primary"
        isWide
        isOff={isBusy || isEmpty}
        aria-describedby={isEmpty && !isTaken ? 'choose-first' : undefined}
        testId="action-send"
      >
        {hasFailed ? words.again : first}
      </Button>
      {isTaken && (
        <Button isWide isOff={isBusy} onPress={onDrop} testId="action-drop-photos">
          {photos.length > 0 ? words.report.dropPhotos : words.back}
        </Button>
      )}
    </div>
  );
}
