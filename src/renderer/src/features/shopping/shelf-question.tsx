import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components/Button';
import type { ShownQuestion } from '../../../../shared/model/visit.schema.ts';
import { useKiosk, useText } from '../../kiosk/context.ts';
import { ActionButton, ButtonRow } from '../../ui/buttons.tsx';
import { Money } from '../../ui/money.tsx';
import { ProductPicture } from '../../ui/product-picture.tsx';

/** The goods that are asked about: two are touched themselves, one has its yes below. */
export function QuestionedGoods({ question }: { question: ShownQuestion }) {
  const { t } = useTranslation();
  const { or } = question;
  return (
    <div className="flex h-full flex-col justify-center gap-40">
      <p className="text-center text-title leading-tight font-bold">
        {t(or === null ? 'checking.askOne' : 'checking.askWhich')}
      </p>
      {or === null ? (
        <div className="mx-auto w-1/2">
          <Goods of={question} count={question.count} />
        </div>
      ) : (
        <div className="grid grid-cols-2 gap-28">
          <Choice question={question} answer="this" />
          <Choice question={question} answer="other" />
        </div>
      )}
    </div>
  );
}

type Shown = Pick<ShownQuestion, 'sku' | 'name' | 'picture' | 'unitPriceMinor'>;

/** The whole card is the button: neither of the two is the better choice, so that they look alike. */
function Choice({ question, answer }: { question: ShownQuestion; answer: 'this' | 'other' }) {
  const { intents } = useKiosk();
  const { sku, count, or } = question;
  const of: Shown = answer === 'other' && or !== null ? or : question;
  return (
    <Button
      data-testid={`action-answer-${of.sku}`}
      onPress={() => {
        intents.answer({ sku, count, answer });
      }}
      className="rounded-card bg-card p-28 ring-3 ring-ink/85 ring-inset data-pressed:bg-sunk"
    >
      <Goods of={of} count={answer === 'this' ? count : 1} />
    </Button>
  );
}

function Goods({ of, count }: { of: Shown; count: number }) {
  const text = useText();
  return (
    <div className="flex flex-col items-center gap-24">
      <ProductPicture name={of.picture} frame="tile" className="aspect-square w-full" />
      <p className="text-center text-body leading-snug font-semibold">{text(of.name)}</p>
      <Money amount={of.unitPriceMinor} flat className="text-label text-soft" />
      {count > 1 && (
        <p className="tabular rounded-full bg-ink px-22 py-6 text-label leading-tight font-bold text-paper">
          ×{count}
        </p>
      )}
    </div>
  );
}

/** Below them: no, or yes and no. */
export function QuestionAnswers({ question }: { question: ShownQuestion }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const { sku, count, or, countdown } = question;
  const no = (
    <ActionButton
      testId="action-answer-neither"
      kind="secondary"
      countdown={countdown}
      onPress={() => {
        intents.answer({ sku, count, answer: 'neither' });
      }}
    >
      {t(or === null ? 'checking.askNo' : 'checking.askNeither')}
    </ActionButton>
  );
  if (or !== null) return no;
  return (
    <ButtonRow>
      {no}
      <ActionButton
        testId={`action-answer-${sku}`}
        kind="secondary"
        onPress={() => {
          intents.answer({ sku, count, answer: 'this' });
        }}
      >
        {t('checking.askYes')}
      </ActionButton>
    </ButtonRow>
  );
}
