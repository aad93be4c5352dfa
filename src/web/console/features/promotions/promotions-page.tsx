import { useEffect, useState } from 'react';
import type { PromotionList, TriedPromotions } from '../../../../shared/console/promotions.schema.ts';
import type { Promotion } from '../../../../shared/model/promotion.schema.ts';
import { useClient, useRight } from '../../base/context.ts';
import { useFormat } from '../../base/format.ts';
import { useLoad } from '../../base/load.ts';
import { useWords } from '../../i18n/words.ts';
import { Card, PageHead, Waiting } from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';
import { ActDialog } from '../acts/act-dialog.tsx';
import { promotionsIntent } from '../acts/intents.ts';
import { PromotionDialog } from './promotion-dialog.tsx';
import { PromotionRows } from './promotion-list.tsx';
import { type Tried, TryCard, nothingTried } from './try-card.tsx';

/** What is drawn up; a draft beside it, tried before it is put in force. */
export function PromotionsPage() {
  const { value, failed, reload } = useLoad('promotions');
  if (value === null) return <Waiting failed={failed} retry={reload} />;
  return <Promotions of={value} reload={reload} />;
}

function Promotions({ of, reload }: { of: PromotionList; reload: () => void }) {
  const all = useWords();
  const words = all.promotions;
  const mayChange = useRight('fleet');
  const [draft, setDraft] = useState<readonly Promotion[] | null>(null);
  const [editing, setEditing] = useState<Promotion | 'new' | null>(null);
  const [isPutting, setPutting] = useState(false);
  const [typed, setTyped] = useState(nothingTried);
  const inForce = of.versions[0]?.promotions ?? [];
  const shown = draft ?? inForce;
  const tried = useTried(shown, typed);
  const keep = (promotion: Promotion): void => {
    const isIt = (one: Promotion): boolean => editing !== 'new' && one.id === editing?.id;
    const others = shown.some(isIt)
      ? shown.map((one) => (isIt(one) ? promotion : one))
      : [...shown, promotion];
    setDraft(others);
    setEditing(null);
  };
  return (
    <div className="flex flex-col gap-4">
      <PageHead heading={words.heading} lead={`${words.lead} ${words.zone(of.timeZone)}`}>
        <Button onPress={reload}>{all.refresh}</Button>
        {mayChange && (
          <Button
            onPress={() => {
              setEditing('new');
            }}
          >
            {words.add}
          </Button>
        )}
        {draft !== null && (
          <>
            <Button
              onPress={() => {
                setDraft(null);
              }}
            >
              {words.drop}
            </Button>
            <Button
              look="primary"
              isDisabled={(tried?.problems.length ?? 0) > 0}
              onPress={() => {
                setPutting(true);
              }}
            >
              {words.put}
            </Button>
          </>
        )}
      </PageHead>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Card heading={draft === null ? words.now : words.draft}>
          {draft === null && of.versions[0] !== undefined && (
            <p className="text-label text-soft">{words.have(of.versions[0].cabinets, of.cabinets)}</p>
          )}
          <PromotionRows
            {...{ of, promotions: shown, tried }}
            onEdit={mayChange ? setEditing : null}
            onRemove={(promotion) => {
              setDraft(shown.filter((one) => one.id !== promotion.id));
            }}
          />
        </Card>
        <TryCard of={of} typed={typed} tried={tried} onChange={setTyped} />
        <VersionsCard of={of} onTake={mayChange ? setDraft : null} />
      </div>
      {editing !== null && (
        <PromotionDialog
          of={of}
          promotion={editing === 'new' ? null : editing}
          taken={shown.filter((one) => editing === 'new' || one.id !== editing.id).map(({ id }) => id)}
          onKeep={keep}
          onClose={() => {
            setEditing(null);
          }}
        />
      )}
      {isPutting && draft !== null && (
        <ActDialog
          intent={promotionsIntent(draft)}
          onClose={() => {
            setPutting(false);
          }}
          onDone={() => {
            setDraft(null);
            reload();
          }}
        />
      )}
    </div>
  );
}

/** What the operator says of them: asked anew with each change. */
function useTried(promotions: readonly Promotion[], { counts, at, means }: Tried): TriedPromotions | null {
  const client = useClient();
  const [tried, setTried] = useState<TriedPromotions | null>(null);
  const goods = Object.entries(counts).flatMap(([sku, text]) => {
    const count = Number(text);
    return count > 0 ? [{ sku, count }] : [];
  });
  const asked = JSON.stringify({
    ...{ promotions, goods, atMs: at === '' ? null : Number(at), means: means === 'unknown' ? null : means },
  });
  useEffect(() => {
    let isGone = false;
    void client.ask('tryPromotions', JSON.parse(asked) as never).then((answer) => {
      if (!isGone && answer.ok) setTried(answer.value);
    });
    return () => {
      isGone = true;
    };
  }, [client, asked]);
  return tried;
}

/** What was in force before, to be taken up again. `onTake` null: this person may not. */
function VersionsCard({
  of,
  onTake,
}: {
  of: PromotionList;
  onTake: ((promotions: readonly Promotion[]) => void) | null;
}) {
  const words = useWords().promotions;
  const { time } = useFormat();
  const [, ...earlier] = of.versions;
  if (earlier.length === 0) return null;
  return (
    <Card heading={words.versions}>
      <ul className="flex flex-col divide-y divide-line">
        {earlier.map(({ version, madeBy, madeAtMs, promotions }) => (
          <li key={version} className="flex flex-wrap items-center justify-between gap-2 py-2 text-label">
            <span className="min-w-0">
              {words.version(version, madeBy, time(madeAtMs))}
              <span className="text-soft"> · {words.pieces(promotions.length)}</span>
            </span>
            {onTake !== null && (
              <Button
                aria-label={`${words.takeUp}: ${version}`}
                onPress={() => {
                  onTake(promotions);
                }}
              >
                {words.takeUp}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
