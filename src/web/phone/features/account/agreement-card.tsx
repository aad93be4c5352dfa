import { useState } from 'react';
import type { PhoneAgreement } from '../../../../shared/phone/account.schema.ts';
import { useClient } from '../../base/context.ts';
import type { FailureKind } from '../../base/failure.ts';
import { fill, useSpeech } from '../../i18n/words.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Note } from '../../ui/note.tsx';
import { Failed, Waiting } from '../../ui/waiting.tsx';
import { openSignUp } from './open-sign-up.ts';

type Doing =
  'nothing' | 'preparing' | 'opened' | 'needsWeChat' | 'needsAlipay' | 'ending' | 'notNow' | FailureKind;

/** One provider: how the member stands with it, and what may be done about it. */
export function AgreementCard({
  agreement,
  isOnly,
  onNew,
}: {
  agreement: PhoneAgreement;
  /** There is no other to change to. */
  isOnly: boolean;
  onNew: (agreements: readonly PhoneAgreement[]) => void;
}) {
  const { words, time } = useSpeech();
  const client = useClient();
  const [doing, setDoing] = useState<Doing>('nothing');
  const [isAsking, setAsking] = useState(false);
  const { provider, means, isCurrent, changedAtMs, maySignUp, ends, signUp } = agreement;
  const name = means === null ? provider : words.receipt.means[means];
  const state = agreement.agreement ?? 'none';
  const isGood = state === 'valid';
  const begin = async (): Promise<void> => {
    setDoing('preparing');
    const answer = await client.ask('signUp', {}, { provider });
    if (!answer.ok) setDoing(answer.failure);
    else if (answer.value.page !== null) setDoing(openSignUp(answer.value.page));
  };
  const end = async (): Promise<void> => {
    setDoing('ending');
    const answer = await client.ask('endAgreement', {}, { provider });
    setAsking(false);
    if (answer.ok) {
      onNew(answer.value.agreements);
      setDoing('nothing');
      void client.look();
    } else setDoing(answer.failure === 'conflict' ? 'notNow' : answer.failure);
  };
  const signUpWord = isGood
    ? words.account.change
    : signUp?.state === 'asked'
      ? words.account.goOn
      : state === 'none'
        ? words.account.bind
        : words.account.renew;
  const told =
    !isGood && signUp !== null && signUp.state !== 'valid' ? words.account.signUp[signUp.state] : null;
  return (
    <Card as="article">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3">
        <h3 className="text-heading font-bold first-letter:uppercase">{name}</h3>
        <p
          className={`font-semibold ${isGood ? 'text-jade-ink' : 'text-amber-ink'}`}
          data-testid={`agreement-${provider}`}
          data-state={state}
        >
          {words.account.agreement[state]}
        </p>
      </div>
      <p className="text-small text-soft">
        {[
          isCurrent && isGood ? words.account.current : null,
          changedAtMs === null ? null : fill(words.account.since, { time: time(changedAtMs) }),
          told,
        ]
          .filter((part) => part !== null)
          .join(' · ')}
      </p>
      <div className="mt-3 space-y-3" aria-live="polite">
        <Told doing={doing} />
        {maySignUp && !(isGood && (isCurrent || isOnly)) && doing !== 'preparing' && (
          <Button
            look={isGood ? 'plain' : 'primary'}
            isWide
            onPress={() => void begin()}
            testId={`sign-up-${provider}`}
          >
            {signUpWord}
          </Button>
        )}
        {ends === 'at_provider' && (
          <p className="text-small text-soft" data-testid={`ends-at-${provider}`}>
            {means === 'alipay' ? words.account.endInAlipay : fill(words.account.endThere, { name })}
          </p>
        )}
        {ends === 'here' && (
          <Button look="quiet" isWide onPress={() => setAsking(true)} testId={`end-${provider}`}>
            {words.account.end}
          </Button>
        )}
      </div>
      {isAsking && (
        <Dialog
          title={fill(words.account.endTitle, { name })}
          yes={words.account.endYes}
          isBusy={doing === 'ending'}
          onYes={() => void end()}
          onNo={() => setAsking(false)}
        >
          <p>{words.account.endLead}</p>
        </Dialog>
      )}
    </Card>
  );
}

function Told({ doing }: { doing: Doing }) {
  const { words } = useSpeech();
  switch (doing) {
    case 'nothing':
    case 'ending':
      return null;
    case 'preparing':
      return <Waiting>{words.account.preparing}</Waiting>;
    case 'opened':
      return <Note tone="plain">{words.account.opened}</Note>;
    case 'needsWeChat':
      return <Note tone="plain">{words.account.openWeChat}</Note>;
    case 'needsAlipay':
      return <Note tone="plain">{words.account.openAlipay}</Note>;
    case 'notNow':
      return <Note tone="amber">{words.account.endNotNow}</Note>;
    default:
      return <Failed failure={doing} />;
  }
}
