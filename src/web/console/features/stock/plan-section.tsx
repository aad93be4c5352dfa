import { useState } from 'react';
import type { CabinetStock, PlanRowProblem } from '../../../../shared/console/stock.schema.ts';
import type { Failed } from '../../base/client.ts';
import { useClient, useRight } from '../../base/context.ts';
import { useFormat } from '../../base/format.ts';
import { useSettings } from '../../base/settings.tsx';
import { useWords } from '../../i18n/words.ts';
import { Button } from '../../ui/button.tsx';
import { DialogBox } from '../../ui/dialog.tsx';
import { ReasonForm } from '../../ui/reason-form.tsx';
import { TextField } from '../../ui/text-field.tsx';

/** What is to stand in the cabinet after its next restock. */
export function PlanSection({ stock, onDone }: { stock: CabinetStock; onDone: () => void }) {
  const words = useWords().stock;
  const { time } = useFormat();
  const mayChange = useRight('fleet');
  const [isEditing, setIsEditing] = useState(false);
  const { plan, report } = stock;
  return (
    <section className="rounded-card border border-line bg-card p-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 className="font-semibold">{words.plan}</h2>
        {mayChange && (
          <Button
            onPress={() => {
              setIsEditing(true);
            }}
          >
            {words.planEdit}
          </Button>
        )}
      </div>
      {plan === null ? (
        <p className="text-soft">{words.planNone}</p>
      ) : (
        <p className="text-small text-soft">
          {words.planOf(plan.version, plan.madeBy, time(plan.madeAtMs))}{' '}
          {report?.planVersion === plan.version ? words.planFilled : words.planWaits}
        </p>
      )}
      {plan !== null && report !== null && report.moved.length > 0 && (
        <Moved moved={report.moved} isFilled={report.planVersion === plan.version} />
      )}
      {isEditing && (
        <PlanDialog
          stock={stock}
          onClose={() => {
            setIsEditing(false);
            // It may not have been done because it was another one by then.
            onDone();
          }}
          onDone={() => {
            setIsEditing(false);
            onDone();
          }}
        />
      )}
    </section>
  );
}

/** What stands elsewhere than the plan says: somebody has said so at the cabinet. */
function Moved({
  moved,
  isFilled,
}: {
  moved: NonNullable<CabinetStock['report']>['moved'];
  isFilled: boolean;
}) {
  const words = useWords().stock;
  const { language } = useSettings();
  const { time } = useFormat();
  return (
    <div className="mt-2" data-testid="moved">
      <p className="text-amber-ink">{isFilled ? words.moved : words.movedBefore}</p>
      <ul>
        {moved.map(({ sku, name, slot, planned, by, atMs }) => (
          <li key={sku} className="flex flex-wrap justify-between gap-x-4 border-b border-line py-2">
            <span className="min-w-0 break-words">
              {name === null ? sku : name[language]}
              {': '}
              {words.movedFrom(planned ?? words.nowhere, slot ?? words.nowhere)}
            </span>
            <span className="text-small text-soft">{words.movedBy(by, time(atMs))}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function PlanDialog({
  stock: { cabinetId, plan, planVersion, report },
  onClose,
  onDone,
}: {
  stock: CabinetStock;
  onClose: () => void;
  onDone: () => void;
}) {
  const words = useWords().stock;
  const client = useClient();
  // What stands behind the dialog may be read anew meanwhile: what was seen is what the table was made of.
  const [version] = useState(planVersion);
  // Without a plan what lies there now is what it begins with.
  const [table, setTable] = useState(() => {
    // As goods stand there: whoever changes a number does not move them back unawares.
    const isFilled = plan !== null && report?.planVersion === plan.version;
    const movedTo = new Map(isFilled ? report.moved.map(({ sku, slot }) => [sku, slot]) : []);
    const placeOf = (sku: string, slot: string | null): string =>
      (movedTo.has(sku) ? movedTo.get(sku) : slot) ?? '';
    return [
      'sku,target,lane,slot',
      ...(plan?.slots ?? []).map(
        ({ sku, target, lane, slot }) => `${sku},${target},${lane ?? ''},${placeOf(sku, slot)}`,
      ),
      ...(plan === null
        ? (report?.lines ?? []).map(({ sku, count, lane }) => `${sku},${count},${lane ?? ''},`)
        : []),
    ].join('\n');
  });
  const [problems, setProblems] = useState<readonly PlanRowProblem[]>([]);
  const submit = async (reason: string): Promise<Failed | null> => {
    const answer = await client.ask('putPlan', { table, reason, version }, { cabinetId });
    if (!answer.ok) return answer.error;
    setProblems(answer.value.problems);
    if (answer.value.version === null) return { code: 'bad_request', retryAfterS: null };
    onDone();
    return null;
  };
  return (
    <DialogBox heading={words.plan} onClose={onClose}>
      <p className="text-label text-soft">{words.planLead}</p>
      <ReasonForm
        label={words.planReason}
        submit={words.planSave}
        wrong={words.planFailed}
        onCancel={onClose}
        onSubmit={submit}
      >
        <TextField label={words.planTable} value={table} onChange={setTable} rows={10} autoFocus />
        {problems.length > 0 && (
          <ul className="text-small text-cinnabar-ink">
            {problems.map(({ row, problem, about }) => (
              <li key={`${row} ${problem} ${about}`}>
                {row > 0 && `${words.row(row)}: `}
                {words.planProblem[problem]} ({about})
              </li>
            ))}
          </ul>
        )}
      </ReasonForm>
    </DialogBox>
  );
}
