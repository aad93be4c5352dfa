import { useState } from 'react';
import type { ActReply, Proposal } from '../../../../shared/console/acts.schema.ts';
import { rightForAct } from '../../../../shared/console/acts.schema.ts';
import { currencies } from '../../../../shared/money.ts';
import type { Failed } from '../../base/client.ts';
import { useClient, useSession } from '../../base/context.ts';
import { useFormat } from '../../base/format.ts';
import { useLoad } from '../../base/load.ts';
import { useWords } from '../../i18n/words.ts';
import { Card, PageHead, Waiting, linkClass } from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';
import { DialogBox } from '../../ui/dialog.tsx';
import { FailedNote, Note } from '../../ui/note.tsx';
import { ReasonForm } from '../../ui/reason-form.tsx';
import { Changes } from '../acts/changes.tsx';
import { sentenceOf } from '../acts/intents.ts';
import { ThingLink } from '../acts/thing-link.tsx';
import { type Thing, thingOf } from '../acts/thing-of.ts';

/** What has become of one, and where it can be looked at. */
interface Done {
  readonly how: 'agreed' | 'refused';
  readonly thing: Thing | null;
}
const stateOf = (reply: ActReply, before: Proposal['before']): Proposal['before'] =>
  reply.outcome === 'done' ? reply.after : before;

/** What waits for a second person, each with what would become of it. */
export function ProposalsPage() {
  const words = useWords();
  const { value, failed, reload } = useLoad('proposals');
  const [done, setDone] = useState<Done | null>(null);
  return (
    <div className="flex flex-col gap-4">
      <PageHead heading={words.proposals.heading} lead={words.proposals.lead}>
        <Button onPress={reload}>{words.refresh}</Button>
      </PageHead>
      {done !== null && (
        <Note look="good" alert>
          {words.proposals[done.how]} <ThingLink thing={done.thing} className={linkClass} />
        </Note>
      )}
      {value === null ? (
        <Waiting failed={failed} retry={reload} />
      ) : value.length === 0 ? (
        <p className="rounded-card border border-line bg-card p-8 text-center text-soft">
          {words.proposals.empty}
        </p>
      ) : (
        value.map((proposal) => (
          <ProposalCard
            key={proposal.proposalId}
            proposal={proposal}
            onDone={(what) => {
              setDone(what);
              reload();
            }}
            onChanged={reload}
          />
        ))
      )}
    </div>
  );
}

function ProposalCard({
  proposal,
  onDone,
  onChanged,
}: {
  proposal: Proposal;
  onDone: (done: Done) => void;
  onChanged: () => void;
}) {
  const words = useWords();
  const client = useClient();
  const { accountId, rights } = useSession();
  const { money, time } = useFormat();
  const [failed, setFailed] = useState<Failed | null>(null);
  const [refusing, setRefusing] = useState(false);
  const [busy, setBusy] = useState(false);
  const { act, before, after, version } = proposal;
  const currency = currencies.find((one) => one === (before['currency'] ?? after['currency'])) ?? null;
  const params = { proposalId: String(proposal.proposalId) };
  const isOwn = proposal.accountId === accountId;
  const mayAgree = !isOwn && rights.includes(rightForAct(act));
  const agree = async (): Promise<void> => {
    setBusy(true);
    const answer = await client.ask('agree', { version }, params);
    setBusy(false);
    if (answer.ok) onDone({ how: 'agreed', thing: thingOf(act, stateOf(answer.value, before)) });
    else {
      setFailed(answer.error);
      onChanged();
    }
  };
  const refuse = async (reason: string): Promise<Failed | null> => {
    const answer = await client.ask('refuse', { reason }, params);
    if (!answer.ok) return answer.error;
    onDone({ how: 'refused', thing: thingOf(act, before) });
    return null;
  };
  return (
    <Card heading={sentenceOf(act, words, (amount) => money(amount, currency))}>
      <p className="text-label text-soft">
        {words.proposals.by(proposal.actor)} · {words.proposals.until(time(proposal.endsAtMs))}
      </p>
      <p className="text-label">
        <span className="text-soft">{words.proposals.reason}: </span>
        {proposal.reason}
      </p>
      {act.kind === 'charge_visit' && (
        <p className="text-label">{act.goods.map(({ sku, count }) => `${sku} × ${count}`).join(', ')}</p>
      )}
      <Changes before={before} after={after} />
      {isOwn && <Note look="plain">{words.proposals.own}</Note>}
      {failed !== null && (
        <FailedNote
          failed={failed}
          instead={failed.code === 'forbidden' ? words.proposals.uncounted : undefined}
        />
      )}
      <div className="flex flex-wrap items-center justify-end gap-3">
        <ThingLink thing={thingOf(act, before)} className={`${linkClass} mr-auto`} />
        <Button
          onPress={() => {
            setRefusing(true);
          }}
        >
          {words.proposals.refuse}
        </Button>
        {mayAgree && (
          <Button look="primary" isDisabled={busy} onPress={() => void agree()}>
            {words.proposals.agree}
          </Button>
        )}
      </div>
      {refusing && (
        <DialogBox
          heading={words.proposals.refuse}
          onClose={() => {
            setRefusing(false);
          }}
        >
          <ReasonForm
            label={words.proposals.refuseReason}
            submit={words.proposals.refuse}
            onCancel={() => {
              setRefusing(false);
            }}
            onSubmit={refuse}
          />
        </DialogBox>
      )}
    </Card>
  );
}
