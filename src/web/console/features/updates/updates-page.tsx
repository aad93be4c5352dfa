import { useState } from 'react';
import { useRight } from '../../base/context.ts';
import { useLoad } from '../../base/load.ts';
import { useWords } from '../../i18n/words.ts';
import { PageHead, Waiting } from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';
import { ActDialog } from '../acts/act-dialog.tsx';
import type { Intent } from '../acts/intents.ts';
import { orderIntent } from '../acts/intents.ts';
import { FailuresCard } from './failures-card.tsx';
import { OrderCard } from './order-card.tsx';
import { PinnedCard } from './pinned-card.tsx';
import { UsefulnessCard } from './usefulness-card.tsx';
import { VersionsCard } from './versions-card.tsx';

/** What cabinets are to run and what they run, how far they are, and where it failed. */
export function UpdatesPage() {
  const words = useWords();
  const mayChange = useRight('fleet');
  const { value, failed, reload } = useLoad('updates');
  const [doing, setDoing] = useState<Intent | null>(null);
  if (value === null) return <Waiting failed={failed} retry={reload} />;
  const onDo = mayChange ? setDoing : null;
  return (
    <div className="flex flex-col gap-4">
      <PageHead heading={words.updates.heading} lead={words.updates.lead}>
        <Button onPress={reload}>{words.refresh}</Button>
        {mayChange && (
          <Button
            look="primary"
            onPress={() => {
              setDoing(orderIntent(value.order));
            }}
          >
            {words.updates.order}
          </Button>
        )}
      </PageHead>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <OrderCard of={value} onDo={onDo} />
        <VersionsCard versions={value.versions} />
        <UsefulnessCard of={value} />
        <FailuresCard failures={value.failures} />
        <PinnedCard of={value} onDo={onDo} />
      </div>
      {doing !== null && (
        <ActDialog
          intent={doing}
          onClose={() => {
            setDoing(null);
          }}
          onDone={reload}
        />
      )}
    </div>
  );
}
