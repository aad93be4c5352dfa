import type { UnchargedVisit } from '../../../../shared/console/visits.schema.ts';
import { useFormat } from '../../base/format.ts';
import { useLoad } from '../../base/load.ts';
import { useWords } from '../../i18n/words.ts';
import { Button } from '../../ui/button.tsx';
import { DialogBox } from '../../ui/dialog.tsx';
import { Facts } from '../../ui/facts.tsx';
import { FailedNote, Note } from '../../ui/note.tsx';
import { ActList } from '../acts/act-list.tsx';
import { visitIntents } from '../acts/intents.ts';
import { TimeLine } from '../story/time-line.tsx';

/** One visit without a bill: what is known of it, why there may be none, and what can be done. */
export function VisitDialog({
  visit,
  isGone,
  onDone,
  onClose,
}: {
  visit: UnchargedVisit;
  /** It has a bill by now. */
  isGone: boolean;
  onDone: () => void;
  onClose: () => void;
}) {
  const words = useWords();
  const { money, time } = useFormat();
  const { cabinetId, visitId, ended, waitsUntilMs } = visit;
  const goods = useLoad('visitGoods', { cabinetId, visitId });
  const story = useLoad('visitStory', { cabinetId, visitId });
  const currency = goods.value?.currency ?? null;
  const closings: Readonly<Record<string, string>> = words.codes.story.closing;
  const said = (amountMinor: number | null): string | null =>
    amountMinor === null || amountMinor === 0 ? null : money(amountMinor, currency);
  const why =
    waitsUntilMs !== null
      ? words.visits.waits(time(waitsUntilMs))
      : ended === null
        ? words.visits.silent
        : ended === 'charge' || ended === 'left_open'
          ? words.visits.missing
          : words.visits.none;
  return (
    <DialogBox heading={words.visits.one} onClose={onClose}>
      <Note look={isGone ? 'good' : 'care'}>{isGone ? words.visits.gone : why}</Note>
      <Facts
        facts={[
          [words.visits.letIn, `${time(visit.atMs)} (${words.codes.answers[visit.entryMethod] ?? ''})`],
          [words.place, cabinetId],
          [words.member, `${visit.display} (${visit.memberId})`],
          [words.search.phone, visit.phoneLastDigits],
          [
            words.visits.ended,
            ended === null ? words.visits.ends.silent : (closings[ended] ?? closings['other'] ?? ended),
          ],
          [words.visits.said, said(visit.saidMinor)],
          [words.story.held, said(visit.saidHeldMinor)],
          [words.story.number, visit.chargeId],
        ]}
      />
      {goods.failed !== null && <FailedNote failed={goods.failed} />}
      <ActList
        intents={isGone ? [] : visitIntents(visit, waitsUntilMs === null ? goods.value : null)}
        onDone={() => {
          story.reload();
          onDone();
        }}
      />
      {story.value !== null && (
        <section className="flex flex-col gap-3">
          <h3 className="text-heading font-semibold">{words.story.timeline}</h3>
          <TimeLine entries={story.value.entries} charge={{ lines: [], heldLines: [], currency }} />
        </section>
      )}
      <div className="flex justify-end">
        <Button onPress={onClose}>{words.close}</Button>
      </div>
    </DialogBox>
  );
}
