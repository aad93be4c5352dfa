import { useState } from 'react';
import type { KnownCabinet } from '../../../../shared/console/fleet.schema.ts';
import { Go, go, linkTo, useAddress } from '../../base/address.tsx';
import { useRight } from '../../base/context.ts';
import { useFormat } from '../../base/format.ts';
import { useLoad } from '../../base/load.ts';
import { useSettings } from '../../base/settings.tsx';
import { useWords } from '../../i18n/words.ts';
import { Chip, PageHead, Waiting, tabClass } from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';
import { type DataColumn, DataList } from '../../ui/data-list.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { type CabinetLook, degrees, lookOfCabinet } from './cabinet-now.ts';
import { GivenToken } from './given-token.tsx';
import { type Given, TokenDialog } from './token-dialog.tsx';

interface Shown {
  readonly cabinet: KnownCabinet;
  readonly how: CabinetLook;
  readonly place: string | null;
}

/** All that there are, or that are waited for: how each is, and the way to it. */
export function CabinetsPage() {
  const words = useWords();
  const mayChange = useRight('fleet');
  const { time } = useFormat();
  const { language } = useSettings();
  const { query } = useAddress();
  const { value, failed, reload } = useLoad('cabinets');
  const [isGiving, setGiving] = useState(false);
  const [given, setGiven] = useState<Given | null>(null);
  const show = query.get('show') === 'look' ? 'look' : null;
  const find = query.get('find') ?? '';
  const all = (value ?? []).map((cabinet): Shown => {
    const place = cabinet.place === null ? null : cabinet.place[language];
    return { cabinet, how: lookOfCabinet(cabinet, words.cabinetState, time), place };
  });
  const toBeLooked = all.filter(({ how }) => how.isToBeLooked);
  const letters = find.trim().toLowerCase();
  const found = (show === 'look' ? toBeLooked : all).filter(({ cabinet, place }) =>
    `${cabinet.cabinetId} ${place ?? ''}`.toLowerCase().includes(letters),
  );
  const tab = (of: 'look' | null, text: string, count: number) => (
    <li>
      <Go
        to={linkTo('/cabinets', { show: of, find })}
        current={of === show}
        className={tabClass(of === show)}
      >
        {text}
        <span className="tabular text-fine font-semibold text-soft">{count}</span>
      </Go>
    </li>
  );
  return (
    <div className="flex flex-col gap-4">
      <PageHead heading={words.cabinets.heading} lead={words.cabinets.lead}>
        <Button onPress={reload}>{words.refresh}</Button>
        {mayChange && (
          <Button
            look="primary"
            onPress={() => {
              setGiving(true);
            }}
          >
            {words.cabinets.add}
          </Button>
        )}
      </PageHead>
      {given !== null && <GivenToken given={given} />}
      {value === null ? (
        <Waiting failed={failed} retry={reload} />
      ) : value.length === 0 ? (
        <p className="rounded-card border border-line bg-card p-8 text-center text-soft">
          {words.cabinets.empty}
        </p>
      ) : (
        <>
          <div className="flex flex-wrap items-end justify-between gap-3">
            <nav aria-label={words.cabinets.heading}>
              <ul className="flex flex-wrap gap-2">
                {tab(null, words.cabinetState.all, all.length)}
                {tab('look', words.cabinetState.toBeLooked, toBeLooked.length)}
              </ul>
            </nav>
            <TextField
              label={words.cabinetState.find}
              value={find}
              onChange={(text) => {
                go(linkTo('/cabinets', { show, find: text }), { replace: true });
              }}
            />
          </div>
          {found.length === 0 ? (
            <p className="rounded-card border border-line bg-card p-8 text-center text-soft">
              {words.cabinetState.noneFound}
            </p>
          ) : (
            <Found items={found} />
          )}
        </>
      )}
      {isGiving && (
        <TokenDialog
          cabinet={null}
          onClose={() => {
            setGiving(false);
            reload();
          }}
          onGiven={(one) => {
            setGiving(false);
            setGiven(one);
            reload();
          }}
        />
      )}
    </div>
  );
}

const isEverything = { hasMore: false, more: () => undefined, isReading: false };

function Found({ items }: { items: readonly Shown[] }) {
  const words = useWords();
  const placeText = ({ place }: Shown): string => place ?? words.cabinets.noPlace;
  const warmth = ({ cabinet: { now } }: Shown): string =>
    now === null || now.milliC === null || now.isSilent ? '–' : degrees(now.milliC);
  const chip = ({ how }: Shown) => (
    <Chip look={how.look} shape="lines">
      {how.text}
    </Chip>
  );
  const low = ({ cabinet: { lowCount } }: Shown) =>
    lowCount !== null && lowCount > 0 ? <Chip look="care">{words.stock.low(lowCount)}</Chip> : null;
  const columns: readonly DataColumn<Shown>[] = [
    {
      id: 'cabinet',
      title: words.place,
      width: '2fr',
      cell: (shown) => (
        <span className="flex min-w-0 flex-col">
          <span className="truncate font-semibold">{shown.cabinet.cabinetId}</span>
          <span className={`truncate text-small ${shown.place === null ? 'text-amber-ink' : 'text-soft'}`}>
            {placeText(shown)}
          </span>
        </span>
      ),
    },
    { id: 'state', title: words.cabinetState.state, width: '3fr', cell: chip },
    { id: 'low', title: words.stock.goods, width: '2fr', cell: low },
    { id: 'warmth', title: words.cabinetState.temperature, width: 130, numeric: true, cell: warmth },
  ];
  return (
    <DataList
      label={words.cabinets.heading}
      items={items}
      columns={columns}
      keyOf={({ cabinet }) => cabinet.cabinetId}
      hrefOf={({ cabinet: { cabinetId } }) => linkTo('/cabinet', { cabinetId })}
      textOf={(shown) => `${shown.cabinet.cabinetId}, ${placeText(shown)}, ${shown.how.text}`}
      cardHeight={132}
      card={(shown) => (
        <div className="flex h-full flex-col justify-between">
          <p className="truncate font-semibold">{shown.cabinet.cabinetId}</p>
          <p className="truncate text-small text-soft">{placeText(shown)}</p>
          <div className="flex min-w-0 overflow-hidden">{chip(shown)}</div>
          <div className="flex items-center justify-between gap-2 text-small">
            {low(shown) ?? <span />}
            <span className="tabular">{warmth(shown)}</span>
          </div>
        </div>
      )}
      pages={isEverything}
    />
  );
}
