import { Check, Circle, CircleDot } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { formatDateTime } from '../../../../shared/i18n/format.ts';
import { type PlanProblem, planProblems } from '../../../../shared/model/planogram.ts';
import { restockSteps } from '../../../../shared/model/restock.ts';
import { useKiosk, useText } from '../../kiosk/context.ts';
import { ActionButton, QuietButton } from '../../ui/buttons.tsx';
import { LotRow } from './dates-part.tsx';
import { Fact, Last, Panel, type RoomProps, signed } from './room-parts.tsx';

const refusals = ['expired_left', 'not_settled', 'begun', 'no_restock', 'storage'] as const;
type Plan = NonNullable<RoomProps['view']['plan']>;

/** A restock step by step; it goes on where it was after a power cut. */
export function RestockPart({ view, calls }: RoomProps) {
  const { t } = useTranslation();
  const { language } = useKiosk();
  const { restock, plan, sessionId, last, isBusy } = view;
  const order = (act: 'beginRestock' | 'nextRestock' | 'breakOffRestock'): void =>
    void calls.goods({ sessionId, order: { act } });
  const detail = refusals.find((one) => one === last?.detail);
  const told = (
    <Last
      view={view}
      of={['beginRestock', 'nextRestock', 'breakOffRestock', 'removeLot']}
      words={detail === undefined ? undefined : t(`stock.restock.refused.${detail}`)}
    />
  );
  if (restock === null)
    return (
      <Panel>
        <p className="text-label text-soft">{t('stock.restock.lead')}</p>
        <ActionButton
          testId="action-begin-restock"
          disabled={isBusy || view.door === 'open'}
          onPress={() => order('beginRestock')}
        >
          {t('stock.restock.begin')}
        </ActionButton>
        {told}
        {plan !== null && <PlanLines plan={plan} />}
      </Panel>
    );
  return (
    <Panel>
      {restock.isInterrupted && (
        <p role="status" className="text-label text-amber-ink">
          {t('stock.restock.interrupted', {
            who: restock.by,
            when: formatDateTime(restock.beganMs, language),
          })}
        </p>
      )}
      <ol className="flex flex-col gap-12">
        {restockSteps.map((step) => {
          const by = restockSteps.indexOf(step) - restockSteps.indexOf(restock.step);
          const Icon = by < 0 ? Check : by === 0 ? CircleDot : Circle;
          return (
            <li
              key={step}
              aria-current={by === 0 ? 'step' : 'false'}
              className={
                'flex items-center gap-16 text-label ' +
                (by === 0 ? 'font-bold' : 'text-soft big:hidden landscape:hidden')
              }
            >
              <Icon className="size-40 shrink-0" aria-hidden="true" />
              {`${restockSteps.indexOf(step) + 1}/${restockSteps.length} `}
              {t(`stock.restock.step.${step}`)}
            </li>
          );
        })}
      </ol>
      <p className="text-label">{t(`stock.restock.todo.${restock.step}`)}</p>
      <ActionButton
        testId="action-next-restock"
        disabled={isBusy || (restock.step === 'count' && view.whyNotLeave !== null)}
        onPress={() => order('nextRestock')}
      >
        {t(restock.step === 'count' ? 'stock.restock.accept' : 'stock.restock.next')}
      </ActionButton>
      {told}
      <StepFacts view={view} calls={calls} />
      <QuietButton
        testId="action-break-off-restock"
        disabled={isBusy}
        onPress={() => order('breakOffRestock')}
      >
        {t('stock.restock.breakOff')}
      </QuietButton>
    </Panel>
  );
}

function StepFacts({ view, calls }: RoomProps) {
  const { t } = useTranslation();
  const { restock, plan, lots, isBusy, sessionId } = view;
  if (restock?.step === 'waste')
    return lots
      .filter(({ state }) => state === 'expired')
      .map((lot) => (
        <LotRow
          key={`${lot.sku} ${lot.bestBefore}`}
          lot={lot}
          isBusy={isBusy}
          onRemove={() => {
            const { sku, bestBefore, count } = lot;
            void calls.goods({ sessionId, order: { act: 'removeLot', lot: { sku, bestBefore, count } } });
          }}
        />
      ));
  if (plan === null) return <p className="text-label text-soft">{t('stock.plan.none')}</p>;
  return <PlanLines plan={plan} />;
}

/** What is to stand where, and what lies there as far as it is counted. */
function PlanLines({ plan }: { plan: Plan }) {
  const { t } = useTranslation();
  const text = useText();
  const { version, draftVersion, problem } = plan;
  const word: PlanProblem | undefined = planProblems.find((one) => problem?.startsWith(`${one}:`));
  return (
    <div className="flex flex-col gap-12">
      {word !== undefined && (
        <p role="status" className="text-label text-cinnabar-ink">
          {t(`stock.plan.problem.${word}`, { about: problem?.slice(word.length + 2) })}
        </p>
      )}
      <p className="text-small text-soft">
        {draftVersion !== null && draftVersion === version
          ? t('stock.plan.newer')
          : version === null
            ? t('stock.plan.none')
            : t('stock.plan.filled')}
      </p>
      {plan.lines.map(({ sku, name, target, lane, slot, now }) => {
        const place = [lane === null ? null : t('stock.plan.lane', { lane }), slot].filter(
          (one) => one !== null,
        );
        const by = now === null ? 0 : now - target;
        return (
          <Fact
            key={sku}
            label={[name === null ? sku : text(name), ...place].join(' · ')}
            value={`${now ?? '—'} / ${target}${by === 0 ? '' : ` (${signed(by)})`}`}
          />
        );
      })}
    </div>
  );
}
