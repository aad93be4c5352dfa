import { type ReactNode, useState } from 'react';
import { Check, CircleAlert } from 'lucide-react';
import type { SetUp } from '../../../../shared/console/fleet.schema.ts';
import { Go } from '../../base/address.tsx';
import { useRight } from '../../base/context.ts';
import { useLoad } from '../../base/load.ts';
import { useWords } from '../../i18n/words.ts';
import { PageHead, Waiting, linkClass } from '../../ui/bits.tsx';
import { ActDialog } from '../acts/act-dialog.tsx';
import { goodsIntent } from '../acts/intents.ts';
import { CatalogsCard } from './catalogs-card.tsx';
import { GoodsCard } from './goods-card.tsx';

/** What is there and what is missing, step by step, from the first account to the first cabinet. */
export function SetUpPage() {
  const words = useWords();
  const mayChange = useRight('fleet');
  const { value, failed, reload } = useLoad('setUp');
  const [putting, setPutting] = useState<number | null>(null);
  const [round, setRound] = useState(0);
  if (value === null) return <Waiting failed={failed} retry={reload} />;
  return (
    <div className="flex flex-col gap-4">
      <PageHead heading={words.setUp.heading} lead={words.setUp.lead} />
      <ol className="flex list-none flex-col gap-2">
        <Steps of={value} />
      </ol>
      {mayChange && <GoodsCard onPut={setPutting} />}
      <CatalogsCard key={round} onPut={mayChange ? setPutting : null} />
      {putting !== null && (
        <ActDialog
          intent={goodsIntent(putting)}
          onClose={() => {
            setPutting(null);
          }}
          onDone={() => {
            reload();
            setRound((before) => before + 1);
          }}
        />
      )}
    </div>
  );
}

function Steps({ of }: { of: SetUp }) {
  const words = useWords().setUp;
  const all = useWords();
  const { people, catalog, providers, cabinets } = of;
  const names = providers.map((name) => all.codes.providers[name] ?? name).join(', ');
  return (
    <>
      <Step
        isDone={people.admins > 1}
        heading={words.people(String(people.active), String(people.admins))}
        what={people.admins > 1 ? words.peopleDone : words.peopleFew}
      >
        <Go to="/staff" className={linkClass}>
          {all.nav.staff}
        </Go>
      </Step>
      <Step
        isDone={!isSample(catalog.version)}
        heading={words.goods(catalog.version, String(catalog.articles))}
        what={isSample(catalog.version) ? words.goodsSample : words.goodsDone}
      />
      <Step
        isDone={providers.length > 0}
        heading={providers.length === 0 ? words.noProviders : words.providers(names)}
        what={providers.length === 0 ? words.noProvidersHow : words.providersDone}
      />
      <Step
        isDone={cabinets.enrolled > 0}
        heading={words.cabinets(String(cabinets.enrolled), String(cabinets.waiting))}
        what={cabinets.enrolled > 0 ? words.cabinetsDone : words.cabinetsNone}
      >
        <Go to="/cabinets" className={linkClass}>
          {all.nav.cabinets}
        </Go>
      </Step>
      <Step
        isDone={of.hasMembers}
        heading={of.hasMembers ? words.members : words.noMembers}
        what={words.membersHow}
      />
    </>
  );
}

/** The catalogue that comes with the program, to try it. */
const isSample = (version: string): boolean => version.startsWith('sample');

function Step({
  isDone,
  heading,
  what,
  children,
}: {
  isDone: boolean;
  heading: string;
  what: string;
  children?: ReactNode;
}) {
  const words = useWords().setUp;
  const Icon = isDone ? Check : CircleAlert;
  return (
    <li className="flex items-start gap-3 rounded-card border border-line bg-card p-4">
      <Icon
        role="img"
        aria-label={isDone ? words.isDone : words.isOpen}
        className={`mt-0.5 size-6 shrink-0 ${isDone ? 'text-jade-ink' : 'text-amber-ink'}`}
      />
      <div className="flex min-w-0 grow flex-col">
        <h2 className="font-semibold break-words">{heading}</h2>
        <p className="text-label text-soft">{what}</p>
        <div>{children}</div>
      </div>
    </li>
  );
}
