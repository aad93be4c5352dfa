import { useState } from 'react';
import type { PhoneReply } from '../../../../shared/phone/routes.ts';
import { useClient } from '../../base/context.ts';
import { useAsked } from '../../base/use-asked.ts';
import { useSecondsSince } from '../../base/use-clock.ts';
import { fill, useSpeech } from '../../i18n/words.ts';
import { choiceLook } from '../../ui/button.tsx';
import { Page } from '../../ui/page.tsx';
import { Qr } from '../../ui/qr.tsx';
import { WhenHere } from '../../ui/waiting.tsx';

type Purpose = 'visit' | 'enrol';
/** A code is good for a minute, once; a new one comes before its end. */
const codePollMs = 50_000;

/** What is held before the cabinet's scanner. */
export function CodePage() {
  const { words } = useSpeech();
  const [purpose, setPurpose] = useState<Purpose>('visit');
  const lead = purpose === 'visit' ? words.code.lead : words.code.leadEnrol;
  return (
    <Page title={words.code.title} lead={lead} screen="code">
      <Code key={purpose} purpose={purpose} />
      <fieldset>
        <legend className="text-small text-soft">{words.code.kind}</legend>
        <div className="mt-1 grid grid-cols-2 gap-2">
          {(['visit', 'enrol'] as const).map((one) => (
            <label key={one} className={choiceLook}>
              <input
                type="radio"
                name="purpose"
                className="size-5 accent-jade"
                data-testid={`code-${one}`}
                checked={purpose === one}
                onChange={() => setPurpose(one)}
              />
              {words.code[one]}
            </label>
          ))}
        </div>
      </fieldset>
    </Page>
  );
}

function Code({ purpose }: { purpose: Purpose }) {
  const client = useClient();
  const asked = useAsked(async () => {
    const answer = await client.ask('memberCode', { purpose });
    return answer.ok ? { ok: true, value: { ...answer.value, atMs: performance.now() } } : answer;
  }, codePollMs);
  return (
    <WhenHere asked={asked}>{(code) => <ShownCode key={code.code} purpose={purpose} code={code} />}</WhenHere>
  );
}

function ShownCode({
  purpose,
  code: { code, endsAtMs, nowMs, atMs },
}: {
  purpose: Purpose;
  code: PhoneReply<'memberCode'> & { readonly atMs: number };
}) {
  const { words } = useSpeech();
  const left = Math.floor((endsAtMs - nowMs) / 1_000) - useSecondsSince(atMs);
  // By the operator's clock, from when it was asked: the phone's may be wrong.
  const isOver = left <= 0;
  return (
    <figure className="mx-auto max-w-80">
      <div className={isOver ? 'opacity-15' : ''}>
        <Qr text={code} label={purpose === 'visit' ? words.code.label : words.code.labelEnrol} />
      </div>
      <figcaption className="mt-2 text-center">
        <span className="tabular block font-semibold" data-testid="code-left">
          {isOver ? words.code.over : fill(words.code.left, { seconds: left })}
        </span>
        <span className="block text-small text-soft">{words.code.bright}</span>
      </figcaption>
    </figure>
  );
}
