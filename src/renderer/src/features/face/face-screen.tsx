import {
  Cake,
  Camera,
  CameraOff,
  CircleHelp,
  Clock,
  DoorOpen,
  ImageOff,
  Phone,
  QrCode,
  ScanFace,
  ShieldCheck,
  Store,
  UserRound,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { FaceEnd, FaceView } from '../../../../shared/model/face-view.schema.ts';
import { cameraTroubles } from '../../../../shared/model/face-view.ts';
import type { Countdown, VisitView } from '../../../../shared/model/visit.schema.ts';
import type { VisitPurpose } from '../../../../shared/model/visit.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { isCodeOffered } from '../../kiosk/entry-methods.ts';
import { useReadTime } from '../../kiosk/use-read-time.ts';
import { unbroken } from '../../../../shared/i18n/format.ts';
import { ActionButton, ButtonRow } from '../../ui/buttons.tsx';
import { ClosedCabinet } from '../../ui/drawings/closed-cabinet.tsx';
import { HoldPhone } from '../../ui/drawings/hold-phone.tsx';
import { BackButton, CancelButton, FooterActions } from '../../ui/footer-actions.tsx';
import { HelpCard } from '../../ui/help-card.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { StatusIcon } from '../../ui/status-icon.tsx';
import type { LivePicture } from './camera/use-face-camera.ts';
import { DigitPad } from './digit-pad.tsx';
import { FaceCovered } from './face-covered.tsx';
import { LiveCircle } from './live-circle.tsx';
import { NoticeList } from './notice-list.tsx';

/** What the parts of this screen have in common. */
interface FacePart {
  readonly purpose: VisitPurpose;
  readonly countdown: Countdown;
}

type ViewOfFace = Extract<VisitView, { screen: 'face' }>;

/** On the page, below the face view: to be seen only as long as that one has not drawn. */
export function FaceUnderneath({ view }: { view: ViewOfFace }) {
  const { face, purpose, countdown } = view;
  const codeOffered = useCodeOffered(purpose);
  // The same picture as there: nothing flickers while a fresh face view takes the place of the one with the camera.
  if (face.phase === 'ended') return <Ended purpose={purpose} countdown={countdown} why={face.why} />;
  return <FaceCovered countdown={countdown} codeOffered={codeOffered} />;
}

/** From the notice to the answer, in the face view. */
export function FaceScreen({ view, picture }: { view: ViewOfFace; picture: LivePicture }) {
  const { face, ...part } = view;
  switch (face.phase) {
    case 'notice':
      return <Notice {...part} />;
    case 'looking':
      return <Looking {...part} face={face} picture={picture} />;
    case 'digits':
      return <Digits {...part} />;
    case 'ended':
      return <Ended {...part} why={face.why} />;
  }
}

function useCodeOffered(purpose: VisitPurpose): boolean {
  return isCodeOffered(purpose, useKiosk().snapshot.online);
}

/** The notice stands so long before consent can be given: time to see that there is something to read. */
const noticeReadMs = 1_500;

function Notice({ purpose, countdown }: FacePart) {
  const { t } = useTranslation();
  const { snapshot, intents } = useKiosk();
  const codeOffered = useCodeOffered(purpose);
  const { id, servicePhone: phone } = snapshot.cabinet;
  const forDoor = purpose === 'visit';
  const rows = [
    { icon: Store, text: t('face.notice.who', { id: unbroken(id), phone: unbroken(phone) }) },
    {
      icon: forDoor ? DoorOpen : UserRound,
      text: t(forDoor ? 'face.notice.purpose' : 'face.notice.purposeAccount'),
    },
    { icon: ScanFace, text: t('face.notice.way') },
    { icon: ImageOff, text: t('face.notice.kept') },
    { icon: Clock, text: t('face.notice.retention') },
    { icon: ShieldCheck, text: t(forDoor ? 'face.notice.rights' : 'face.notice.rightsAccount') },
    { icon: forDoor ? Cake : CircleHelp, text: t(forDoor ? 'face.notice.age' : 'face.notice.ageAccount') },
  ];
  // Never under the finger that led here: from "open with face" on the left, from "my account" on the right.
  const start = (
    <ActionButton
      key="start"
      testId="action-start-face"
      disabled={!useReadTime(noticeReadMs)}
      onPress={() => intents.face({ do: 'start' })}
    >
      <Camera className="size-56 shrink-0 big:landscape:hidden" aria-hidden="true" />
      {t('face.notice.start')}
    </ActionButton>
  );
  const code = codeOffered ? (
    <ActionButton key="code" testId="action-choose-code" onPress={intents.chooseCode}>
      <QrCode className="size-56 shrink-0 big:landscape:hidden" aria-hidden="true" />
      {t(forDoor ? 'face.notice.code' : 'face.looking.code')}
    </ActionButton>
  ) : (
    <span key="code" />
  );
  return (
    <ScreenLayout
      screen="face"
      reason="notice"
      title={t('face.notice.title')}
      lead={t(forDoor ? 'face.notice.lead' : 'face.notice.leadAccount')}
      footer={
        <FooterActions back={<BackButton countdown={countdown}>{t('face.notice.back')}</BackButton>}>
          {forDoor ? [code, start] : [start, code]}
        </FooterActions>
      }
    >
      <NoticeList rows={rows} label={t('face.notice.title')} testId="face-notice" />
    </ScreenLayout>
  );
}

function Looking({
  purpose,
  face,
  countdown,
  picture,
}: FacePart & { face: Extract<FaceView, { phase: 'looking' }>; picture: LivePicture }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const codeOffered = useCodeOffered(purpose);
  return (
    <ScreenLayout
      screen="face"
      reason="looking"
      title={t(`face.guide.${face.guide}`)}
      titleClassName="text-display big:text-title"
      lead={t('face.looking.lead')}
      footer={
        <ButtonRow>
          <CancelButton countdown={countdown}>{t('face.looking.cancel')}</CancelButton>
          {codeOffered && (
            <ActionButton testId="action-choose-code" kind="secondary" onPress={intents.chooseCode}>
              {t('face.looking.code')}
            </ActionButton>
          )}
        </ButtonRow>
      }
    >
      <LiveCircle picture={picture} guide={face.guide} progress={face.progress} />
    </ScreenLayout>
  );
}

function Digits({ purpose, countdown }: FacePart) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const codeOffered = useCodeOffered(purpose);
  return (
    <ScreenLayout
      screen="face"
      reason="digits"
      title={t('face.digits.title')}
      lead={t('face.digits.lead')}
      footer={
        <ButtonRow>
          <CancelButton countdown={countdown}>{t('face.digits.cancel')}</CancelButton>
          {codeOffered && (
            <ActionButton testId="action-choose-code" kind="secondary" onPress={intents.chooseCode}>
              {t('face.digits.code')}
            </ActionButton>
          )}
        </ButtonRow>
      }
    >
      <DigitPad onDigits={(digits) => intents.face({ do: 'digits', digits })} />
    </ScreenLayout>
  );
}

/** Where another attempt cannot help: there the code is the only entry method, or the phone. */
const noSecondTry: ReadonlySet<FaceEnd> = new Set<FaceEnd>(['rate_limited', 'missing', 'denied', 'face_off']);

const isCameraTrouble = (why: FaceEnd): boolean => cameraTroubles.some((trouble) => trouble === why);

function Ended({ purpose, why, countdown }: FacePart & { why: FaceEnd }) {
  const { t } = useTranslation();
  const icon = isCameraTrouble(why) ? CameraOff : why === 'rate_limited' ? Clock : ScanFace;
  const words = purpose === 'visit' ? 'face.ended.words' : 'face.ended.wordsAccount';
  return (
    <ScreenLayout
      screen="face"
      reason={why}
      eyebrow={<StatusIcon tone="amber" icon={icon} />}
      title={t(`${words}.${why}.title`)}
      lead={t(`${words}.${why}.lead`)}
      footer={<EndedFooter purpose={purpose} why={why} countdown={countdown} />}
    >
      {purpose === 'visit' ? (
        <HoldPhone />
      ) : (
        <div className="flex h-full flex-col gap-32">
          <div className="min-h-0 flex-1">
            <ClosedCabinet asleep />
          </div>
          <HelpCard icon={Phone} title={t('refused.otherWay')} />
        </div>
      )}
    </ScreenLayout>
  );
}

/** The code first, then another look; the way back alone where neither can help. */
function EndedFooter({ purpose, why, countdown }: FacePart & { why: FaceEnd }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const codeOffered = useCodeOffered(purpose);
  const withSecondTry = !noSecondTry.has(why);
  if (!codeOffered && !withSecondTry)
    return <CancelButton countdown={countdown}>{t('face.ended.back')}</CancelButton>;
  return (
    <FooterActions back={<BackButton countdown={countdown}>{t('face.ended.back')}</BackButton>}>
      {codeOffered && (
        <ActionButton testId="action-choose-code" onPress={intents.chooseCode}>
          <QrCode className="size-56 shrink-0 big:landscape:hidden" aria-hidden="true" />
          {t(purpose === 'visit' ? 'face.ended.code' : 'face.looking.code')}
        </ActionButton>
      )}
      {withSecondTry && (
        <ActionButton
          testId="action-start-face"
          kind={codeOffered ? 'secondary' : 'primary'}
          onPress={() => intents.face({ do: 'start' })}
        >
          {t('face.ended.again')}
        </ActionButton>
      )}
    </FooterActions>
  );
}
