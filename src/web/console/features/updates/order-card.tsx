import { rollOutStates, type RollOutState, type Updates } from '../../../../shared/console/updates.schema.ts';
import { useFormat } from '../../base/format.ts';
import { windowsText } from '../../base/windows.ts';
import { useWords } from '../../i18n/words.ts';
import { Card, Chip, type ChipLook } from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';
import { type Intent, pauseIntent, withdrawIntent } from '../acts/intents.ts';

const looks: Readonly<Record<RollOutState, ChipLook>> = {
  have: 'good',
  trying: 'care',
  installed: 'plain',
  fetching: 'plain',
  waiting: 'plain',
  failed: 'bad',
  silent: 'care',
};

/** What is wanted of the fleet, and how far those are whose turn it is. `onDo` null: this person may not. */
export function OrderCard({ of, onDo }: { of: Updates; onDo: ((intent: Intent) => void) | null }) {
  const words = useWords().updates;
  const { time } = useFormat();
  const { order, rollOut } = of;
  const release = order?.release ?? null;
  return (
    <Card heading={release === null ? words.nothing : words.wanted(release)}>
      {order === null || release === null ? (
        <p className="text-label text-soft">{words.nothingHow}</p>
      ) : (
        <>
          <p className="flex flex-wrap items-center gap-2 text-label">
            <Chip look={order.isPaused ? 'care' : 'good'}>
              {order.isPaused ? words.paused : words.running}
            </Chip>
            {words.share(order.percent)}
          </p>
          <p className="text-label text-soft">
            {order.windows.length === 0 ? words.anyTime : words.within(windowsText(order.windows))}
            {' · '}
            {words.until(time(order.expiresAtMs))}
          </p>
        </>
      )}
      {rollOut !== null && <Progress rollOut={rollOut} />}
      {order !== null && order.withdrawn.length > 0 && (
        <p className="text-label break-words text-soft">
          {words.withdrawn}: {order.withdrawn.join(', ')}
        </p>
      )}
      {onDo !== null && order !== null && (
        <div className="flex flex-wrap gap-2">
          <Button
            onPress={() => {
              onDo(pauseIntent(!order.isPaused));
            }}
          >
            {order.isPaused ? words.resume : words.pause}
          </Button>
          {release !== null && (
            <Button
              look="danger"
              onPress={() => {
                onDo(withdrawIntent(release));
              }}
            >
              {words.withdraw}
            </Button>
          )}
        </div>
      )}
    </Card>
  );
}

/** So many of them are so far; what nobody is is left out. */
function Progress({ rollOut }: { rollOut: NonNullable<Updates['rollOut']> }) {
  const words = useWords().updates;
  const all = rollOutStates.reduce((sum, state) => sum + rollOut[state], 0);
  return (
    <>
      <h3 className="font-semibold">
        {words.progress}: <span className="tabular">{all}</span>
      </h3>
      <ul className="flex flex-col gap-1 text-label">
        {rollOutStates
          .filter((state) => rollOut[state] > 0)
          .map((state) => (
            <li key={state} className="flex items-center justify-between gap-3">
              <span>{words.states[state]}</span>
              <Chip look={looks[state]}>
                <span className="tabular">{rollOut[state]}</span>
              </Chip>
            </li>
          ))}
      </ul>
    </>
  );
}
