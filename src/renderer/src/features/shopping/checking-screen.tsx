import { useTranslation } from 'react-i18next';
import type { ShownQuestion, VisitView } from '../../../../shared/model/visit.schema.ts';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { SweepBar } from '../../ui/wait.tsx';
import { LinesApart } from '../receipt/receipt-lines.tsx';
import { BasketList } from './basket-list.tsx';
import { DoorStatus } from './door-status.tsx';
import { QuestionAnswers, QuestionedGoods } from './shelf-question.tsx';
import { Total } from './total.tsx';

/** The last look at the shelf: the same list, what differs from it (always in the shopper's favour), and how long it takes. */
export function CheckingScreen({ view }: { view: Extract<VisitView, { screen: 'checking' }> }) {
  const { t } = useTranslation();
  const { basket, confirmed, heldLines, backLines, question } = view;
  if (question !== null) return <QuestionScreen question={question} />;
  const differs = heldLines.length + backLines.length > 0;
  return (
    <ScreenLayout
      screen="checking"
      title={t('checking.title')}
      lead={t('checking.lead')}
      status={<DoorStatus door="closed" />}
      footer={
        <div>
          <Total basket={basket} />
          <div className="flex min-h-152 flex-col justify-center gap-28 rounded-action bg-sunk px-48">
            <SweepBar seconds={1.2} />
            <p className="text-center text-label font-medium">
              {differs
                ? t('checking.differs')
                : confirmed
                  ? t('checking.confirmed')
                  : t('checking.unconfirmed')}
            </p>
          </div>
        </div>
      }
    >
      <BasketList basket={basket} report={false}>
        <LinesApart kind="back" lines={backLines} />
        <LinesApart kind="held" lines={heldLines} />
      </BasketList>
    </ScreenLayout>
  );
}

/** Only the shopper knows: one question, one touch, and time to look up. */
function QuestionScreen({ question }: { question: ShownQuestion }) {
  const { t } = useTranslation();
  return (
    <ScreenLayout
      screen="checking"
      title={t('checking.askTitle')}
      lead={t('checking.askLead')}
      status={<DoorStatus door="closed" />}
      footer={<QuestionAnswers question={question} />}
    >
      <QuestionedGoods question={question} />
    </ScreenLayout>
  );
}
