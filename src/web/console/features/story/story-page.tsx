import type { Story } from '../../../../shared/console/work.schema.ts';
import { Go, linkTo } from '../../base/address.tsx';
import { shortNumber, useFormat } from '../../base/format.ts';
import { useLoad } from '../../base/load.ts';
import { memberName } from '../../base/member-name.ts';
import { useSettings } from '../../base/settings.tsx';
import { useWords } from '../../i18n/words.ts';
import { Card, Chip, PageHead, Waiting, linkClass } from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';
import { Facts } from '../../ui/facts.tsx';
import { Note } from '../../ui/note.tsx';
import { ActList } from '../acts/act-list.tsx';
import { chargeIntents, memberIntents } from '../acts/intents.ts';
import { ReportsCard } from './reports-card.tsx';
import { TimeLine } from './time-line.tsx';

type StoryCharge = Story['charge'];

/** Side by side where there is room; else one below the other: the charge, its goods, what can be done, then the rest. */
const column = 'flex min-w-0 flex-col gap-4 max-lg:contents';

/** One visit and its charge: what it comes to, what may be done about it, and all that has happened. */
export function StoryPage({ chargeId }: { chargeId: string }) {
  const words = useWords();
  const { value: story, failed, reload } = useLoad('story', { chargeId });
  const { time } = useFormat();
  if (story === null) return <Waiting failed={failed} retry={reload} />;
  const { charge, member, entries } = story;
  return (
    <div className="flex flex-col gap-4">
      <PageHead
        heading={words.story.heading(shortNumber(charge.chargeId))}
        lead={`${memberName(charge)} · ${charge.cabinetId} · ${time(charge.openedAtMs)}`}
      >
        <Button onPress={reload}>{words.refresh}</Button>
      </PageHead>
      <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_20rem] lg:items-start">
        <div className={`${column} lg:row-span-2`}>
          <Money charge={charge} paidBackMinor={paidBackOf(entries)} />
          <div className="flex flex-col gap-4">
            <Goods charge={charge} />
            <ReportsCard chargeId={charge.chargeId} />
          </div>
          <div className="max-lg:order-3">
            <Card heading={words.story.timeline}>
              <TimeLine entries={entries} charge={charge} />
            </Card>
          </div>
        </div>
        <div className={`${column} lg:sticky lg:top-4`}>
          <div className="max-lg:order-2">
            <Card heading={words.story.acts}>
              <ActList intents={chargeIntents(charge)} onDone={reload} />
            </Card>
          </div>
          <div className="max-lg:order-4">
            <Card heading={words.story.memberHeading}>
              {member === null ? (
                <p className="text-label">{words.story.unknownMember}</p>
              ) : (
                <>
                  <Facts
                    facts={[
                      [words.member, `${member.display} (${member.memberId})`],
                      [
                        '',
                        member.phoneLastDigits === null ? null : words.story.phone(member.phoneLastDigits),
                      ],
                    ]}
                  />
                  <div>
                    <Chip look={member.standing === 'active' ? 'good' : 'bad'}>
                      {member.standing === 'active' ? words.story.active : words.story.suspended}
                    </Chip>
                  </div>
                  <Go to={linkTo('/search', { memberId: member.memberId })} className={linkClass}>
                    {words.story.otherCharges}
                  </Go>
                  <ActList intents={memberIntents(member, charge)} onDone={reload} />
                </>
              )}
            </Card>
          </div>
        </div>
      </div>
    </div>
  );
}

/** What has gone back by itself; what people have paid back is in their own words. */
function paidBackOf(entries: Story['entries']): number {
  const back = entries.filter(({ type, what }) => type === 'refund' && what === 'refunded');
  return back.reduce((sum, { amountMinor }) => sum + (amountMinor ?? 0), 0);
}

function Money({ charge, paidBackMinor }: { charge: StoryCharge; paidBackMinor: number }) {
  const words = useWords();
  const { money, time } = useFormat();
  const { currency, state, reason, paidMinor, heldMinor, contestedMinor, refundDueMinor } = charge;
  const shown = (name: string, amountMinor: number, tone = '') => (
    <div key={name} className="flex min-w-28 flex-col">
      <dt className="text-small text-soft">{name}</dt>
      <dd className={`tabular m-0 text-title font-semibold ${tone}`}>{money(amountMinor, currency)}</dd>
    </div>
  );
  const isWaiting = isOpenQuestion(charge);
  const isHeldOpen = heldMinor > 0 && (isWaiting || charge.resolvedHow === null);
  const reasons = reason === null ? charge.reviewReasons : [reason];
  const why =
    contestedMinor > 0
      ? words.codes.kindWhy.dispute
      : reasons.map((one) => words.codes.reasons[one]).join(', ');
  const how = charge.resolvedHow;
  return (
    <Card heading={words.charge}>
      <div className="flex flex-wrap items-center gap-2">
        <Chip look={state === 'paid' ? 'good' : state === 'needs_attention' ? 'bad' : 'care'}>
          {words.codes.states[state]}
        </Chip>
        {isWaiting && why !== '' && (
          <p className="text-label">
            {words.story.waits}
            {why}
          </p>
        )}
      </div>
      <dl className="m-0 flex flex-wrap gap-x-6 gap-y-3">
        {shown(words.story.due, charge.dueMinor)}
        {shown(words.story.paid, paidMinor ?? 0)}
        {isHeldOpen && shown(words.story.held, heldMinor, 'text-amber-ink')}
        {contestedMinor > 0 && shown(words.story.reported, contestedMinor, 'text-amber-ink')}
        {refundDueMinor > paidBackMinor &&
          shown(words.story.toRefund, refundDueMinor - paidBackMinor, 'text-cinnabar-ink')}
        {paidBackMinor > 0 && shown(words.story.paidBack, paidBackMinor)}
      </dl>
      {charge.inDoubt && <Note look="care">{words.story.inDoubt}</Note>}
      {charge.awaitsCabinet && <Note look="care">{words.story.awaitsCabinet}</Note>}
      {charge.collectionEnded && <Note look="care">{words.story.collectionEnded}</Note>}
      <ul className="flex flex-col gap-1 text-label text-soft">
        <li className="break-all">
          {words.story.number} <span className="tabular text-ink">{charge.chargeId}</span>
        </li>
        <li>{charge.confirmedByShopper ? words.story.confirmed : words.story.notConfirmed}</li>
        {charge.provider !== null && (
          <li>{words.story.provider(words.codes.providers[charge.provider] ?? charge.provider)}</li>
        )}
        {charge.nextAttemptAtMs !== null && <li>{words.story.nextAttempt(time(charge.nextAttemptAtMs))}</li>}
        {how !== null && <li>{words.story.how(words.codes.values[how] ?? how)}</li>}
      </ul>
    </Card>
  );
}

/** A person still has to decide something of it. */
function isOpenQuestion({ state, review, contestedMinor }: StoryCharge): boolean {
  return state === 'needs_attention' || review || contestedMinor > 0;
}

function Goods({ charge }: { charge: StoryCharge }) {
  const words = useWords();
  const { money } = useFormat();
  const { language } = useSettings();
  const { lines, heldLines, disputedSkus, currency, dueMinor } = charge;
  const isDecided = charge.resolvedHow !== null && !isOpenQuestion(charge);
  const hasMore = heldLines.length + disputedSkus.length > 0;
  const line = (of: StoryCharge['lines'][number], isHeld: boolean, place: number) => (
    <li
      key={`${of.sku} ${place}`}
      className="flex items-center gap-3 border-b border-line py-2 last:border-0"
    >
      <span className="min-w-0 grow text-label">
        {of.name[language]} × {of.count}
        {of.discounts?.map((one) => (
          <span key={one.id} className="block text-small text-jade-ink">
            {one.name[language]}{' '}
            <span className="whitespace-nowrap">−{money(one.amountMinor, currency)}</span>
          </span>
        ))}
      </span>
      {disputedSkus.includes(of.sku) && (
        <Chip look={isDecided ? 'plain' : 'care'}>
          {isDecided ? words.story.reportedDecided : words.story.reportedGoods}
        </Chip>
      )}
      {isHeld && (
        <Chip look={isDecided ? 'plain' : 'care'}>
          {isDecided ? words.story.heldDecided : words.story.heldGoods}
        </Chip>
      )}
      <span className={`tabular text-label font-semibold ${isHeld ? 'text-soft' : ''}`}>
        {money(of.amountMinor, currency)}
      </span>
    </li>
  );
  return (
    <Card heading={words.story.goods}>
      {lines.length === 0 && <p className="text-label text-soft">{words.story.noGoods}</p>}
      <ul>
        {lines.map((of, place) => line(of, false, place))}
        {heldLines.map((of, place) => line(of, true, place))}
      </ul>
      {isDecided && hasMore && (
        <p className="text-label font-semibold">{words.story.decided(money(dueMinor, currency))}</p>
      )}
    </Card>
  );
}
