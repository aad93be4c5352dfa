import { CircleAlert, CircleCheck } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { formatDateTime } from '../../../../shared/i18n/format.ts';
import type { TestOrder, TestResult } from '../../../../shared/model/self-test.schema.ts';
import {
  type SelfTest,
  type TestStep,
  knownWeightsG,
  selfTests,
} from '../../../../shared/model/self-test.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { playSound } from '../../kiosk/sound.ts';
import { ActionButton, ButtonRow, QuietButton } from '../../ui/buttons.tsx';
import { FromTheTop } from '../../ui/scroll-area.tsx';
import { Capacity, HeatMapTable } from './heat-map.tsx';
import { Last, Panel, type RoomProps } from './room-parts.tsx';

/** Guided self-tests: what each has found last, and the step of the one that is under way. */
export function TestsRoom({ view, calls }: RoomProps) {
  const { t } = useTranslation();
  const { sessionId, tests, isBusy } = view;
  const [lane, setLane] = useState<number | null>(null);
  if (tests === null) return null;
  const { running, results, lanes, heat } = tests;
  if (running !== null)
    return (
      <Panel>
        <FromTheTop step={running.step} />
        <h2 className="text-heading font-bold">
          {t(`serviceMode.selfTest.${running.test}.name`)}
          {running.door !== undefined && ` · ${t('serviceMode.fact.door', { value: running.door })}`}
        </h2>
        <Step
          key={`${running.step}-${running.door ?? 0}`}
          step={running.step}
          onAnswer={(yes) => void calls.answerTest({ sessionId, step: running.step, yes })}
        />
        {running.test === 'tags' && heat !== null && <HeatMapTable heat={heat} />}
      </Panel>
    );
  const begin = (order: TestOrder): void => {
    setLane(null);
    void calls.startTest({ sessionId, order });
  };
  const shown = selfTests.filter((one) => one !== 'scale' || lanes.length > 0);
  return (
    <Panel>
      <p className="text-label text-soft">{t('serviceMode.testsEffect')}</p>
      {lane !== null && <Weights lane={lane} onChosen={(grams) => begin({ test: 'scale', lane, grams })} />}
      {shown.map((test) => (
        <div key={test} className="flex flex-col gap-12 border-b-2 border-line pb-12">
          <div className="flex items-center justify-between gap-24">
            <Outcome test={test} result={results.find((one) => one.test === test) ?? null} />
            {test !== 'scale' && (
              <div className="shrink-0">
                <QuietButton
                  testId={`action-begin-${test}`}
                  disabled={isBusy}
                  onPress={() => begin({ test })}
                >
                  {t('serviceMode.test')}
                </QuietButton>
              </div>
            )}
          </div>
          {test === 'tags' && heat !== null && <HeatMapTable heat={heat} />}
          {test === 'scale' && (
            <div className="flex flex-wrap gap-12">
              {lanes.map((one) => (
                <QuietButton
                  key={one}
                  testId={`action-begin-scale-${one}`}
                  disabled={isBusy}
                  onPress={() => setLane(one)}
                >
                  {t('serviceMode.lane', { lane: one })}
                </QuietButton>
              ))}
            </div>
          )}
        </div>
      ))}
      <Last view={view} of={[]} />
    </Panel>
  );
}

function Weights({ lane, onChosen }: { lane: number; onChosen: (grams: TestOrder['grams']) => void }) {
  const { t } = useTranslation();
  return (
    <div className="flex flex-col gap-16">
      <p className="text-label">{t('serviceMode.knownWeight', { lane })}</p>
      <ButtonRow>
        {knownWeightsG.map((grams) => (
          <QuietButton key={grams} testId={`action-grams-${grams}`} onPress={() => onChosen(grams)}>
            {t('serviceMode.grams', { grams })}
          </QuietButton>
        ))}
      </ButtonRow>
    </div>
  );
}

function Outcome({ test, result }: { test: SelfTest; result: TestResult | null }) {
  const { t } = useTranslation();
  const { language } = useKiosk();
  const findings = result?.findings ?? [];
  return (
    <div className="min-w-0 text-label" data-testid={`result-${test}`} data-findings={findings.join(' ')}>
      <p className="flex items-center gap-12 font-bold">
        {result !== null && findings.length === 0 && (
          <CircleCheck className="size-36 shrink-0 text-jade" aria-hidden="true" />
        )}
        {findings.length > 0 && (
          <CircleAlert className="size-36 shrink-0 text-cinnabar-ink" aria-hidden="true" />
        )}
        {t(`serviceMode.selfTest.${test}.name`)}
      </p>
      <p className="tabular text-small text-soft">
        {result === null
          ? t('serviceMode.notTested')
          : `${t(findings.length === 0 ? 'serviceMode.passed' : 'serviceMode.found')} · ` +
            formatDateTime(result.atMs, language)}
      </p>
      {findings.map((finding) => (
        <p key={finding} className="text-small text-cinnabar-ink">
          {t(`serviceMode.finding.${finding}.why`)} {t(`serviceMode.finding.${finding}.todo`)}
        </p>
      ))}
      <p className="tabular text-small text-soft">
        {(result?.facts ?? [])
          .map(({ name, of, value }) => t(`serviceMode.fact.${name}`, { value, of: of ?? 0 }))
          .join(' · ')}
      </p>
      {test === 'tags' && result !== null && <Capacity facts={result.facts} />}
    </div>
  );
}

/** What to do now; buttons where an answer is wanted. */
function Step({ step, onAnswer }: { step: TestStep; onAnswer: (yes: boolean) => void }) {
  const { t } = useTranslation();
  useEffect(() => {
    if (step === 'heard') playSound('ok');
  }, [step]);
  const words = (
    <p className="text-label" data-testid="test-step" data-step={step}>
      {t(`serviceMode.step.${step}`)}
    </p>
  );
  if (step === 'touch') return <TouchFields onAnswer={onAnswer} />;
  const isOneWay = step === 'empty' || step === 'weight';
  const isQuestion = step === 'is_shut' || step === 'holds' || step === 'heard';
  return (
    <>
      {words}
      {step === 'heard' && (
        <QuietButton testId="action-play-again" onPress={() => playSound('ok')}>
          {t('serviceMode.playAgain')}
        </QuietButton>
      )}
      {isOneWay && (
        <ActionButton testId="action-answer-yes" onPress={() => onAnswer(true)}>
          {t('serviceMode.isDone')}
        </ActionButton>
      )}
      {isQuestion && (
        <ButtonRow>
          <ActionButton testId="action-answer-yes" kind="secondary" onPress={() => onAnswer(true)}>
            {t('serviceMode.yes')}
          </ActionButton>
          <ActionButton testId="action-answer-no" kind="secondary" onPress={() => onAnswer(false)}>
            {t('serviceMode.no')}
          </ActionButton>
        </ButtonRow>
      )}
    </>
  );
}

/** With the words, which take the place of two, the whole glass. */
const fieldCount = 22;
/** The words stand in the middle. */
const beforeWords = 9;

/** Each field vanishes with its touch; all of them gone: the whole glass takes touches. */
function TouchFields({ onAnswer }: { onAnswer: (yes: boolean) => void }) {
  const { t } = useTranslation();
  const [touched, setTouched] = useState<ReadonlySet<number>>(new Set());
  const fields = Array.from({ length: fieldCount }, (_, field) => (
    <Button
      key={field}
      data-testid={`key-field-${field}`}
      aria-label={t('serviceMode.field', { number: field + 1 })}
      isDisabled={touched.has(field)}
      onPress={() => {
        const now = new Set([...touched, field]);
        setTouched(now);
        if (now.size === fieldCount) onAnswer(true);
      }}
      className={`rounded-tile ${touched.has(field) ? 'bg-sunk' : 'bg-ink'}`}
    />
  ));
  return createPortal(
    <div
      className="fixed inset-0 z-50 grid auto-rows-fr grid-cols-4 gap-8 bg-paper p-8 landscape:grid-cols-6"
      role="dialog"
      aria-modal="true"
      aria-label={t('serviceMode.selfTest.touch.name')}
    >
      {fields.slice(0, beforeWords)}
      <div className="col-span-2 flex flex-col items-center justify-center gap-16 text-center">
        <p className="text-label" data-testid="test-step" data-step="touch">
          {t('serviceMode.step.touch')}
        </p>
        <QuietButton testId="action-answer-no" onPress={() => onAnswer(false)}>
          {t('serviceMode.someDoNot')}
        </QuietButton>
      </div>
      {fields.slice(beforeWords)}
    </div>,
    document.body,
  );
}
