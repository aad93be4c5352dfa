import {
  Cake,
  Camera,
  CameraOff,
  Clock,
  DoorOpen,
  ImageOff,
  QrCode,
  ScanFace,
  ShieldCheck,
  Store,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { FaceEnd, FaceView } from '../../../shared/model/face-view.ts';
import type { Countdown, VisitView } from '../../../shared/model/visit.ts';
import { type LivePicture, useFaceCamera } from '../camera/use-face-camera.ts';
import { Action, Actions } from '../components/action.tsx';
import { Sign } from '../components/banner.tsx';
import { DigitPad } from '../components/keypad.tsx';
import { LiveCircle } from '../components/live-circle.tsx';
import { NoticeList } from '../components/notice-list.tsx';
import { Back, CancelAction, Foot } from '../components/leave.tsx';
import { Stage } from '../components/stage.tsx';
import { HoldPhone } from '../drawings/hold-phone.tsx';
import { useKiosk } from '../kiosk/context.ts';
import { unbroken } from '../kiosk/format.ts';

/** From the notice to the answer. The camera runs only while the view has an order for it. */
export function FaceScreen({ view }: { view: Extract<VisitView, { screen: 'face' }> }) {
  const { face, countdown } = view;
  const picture = useFaceCamera(face.phase === 'looking' ? face.camera : null, true);
  switch (face.phase) {
    case 'notice':
      return <Notice countdown={countdown} />;
    case 'looking':
      return <Looking face={face} countdown={countdown} picture={picture} />;
    case 'digits':
      return <Digits countdown={countdown} />;
    case 'ended':
      return <Ended why={face.why} countdown={countdown} />;
  }
}

function Notice({ countdown }: { countdown: Countdown }) {
  const { t } = useTranslation();
  const { snapshot, intents } = useKiosk();
  const { id, servicePhone: phone } = snapshot.cabinet;
  const rows = [
    { icon: Store, text: t('face.notice.who', { id: unbroken(id), phone: unbroken(phone) }) },
    { icon: DoorOpen, text: t('face.notice.purpose') },
    { icon: ScanFace, text: t('face.notice.way') },
    { icon: ImageOff, text: t('face.notice.kept') },
    { icon: Clock, text: t('face.notice.retention') },
    { icon: ShieldCheck, text: t('face.notice.rights') },
    { icon: Cake, text: t('face.notice.age') },
  ];
  return (
    <Stage
      screen="face"
      reason="notice"
      title={t('face.notice.title')}
      lead={t('face.notice.lead')}
      foot={
        <Foot back={<Back countdown={countdown}>{t('face.notice.back')}</Back>}>
          <Action testId="action-start-face" onPress={() => intents.face({ do: 'start' })}>
            <Camera className="size-56 shrink-0 big:landscape:hidden" aria-hidden="true" />
            {t('face.notice.start')}
          </Action>
          <Action testId="action-choose-code" onPress={intents.chooseCode}>
            <QrCode className="size-56 shrink-0 big:landscape:hidden" aria-hidden="true" />
            {t('face.notice.code')}
          </Action>
        </Foot>
      }
    >
      <NoticeList rows={rows} label={t('face.notice.title')} testId="face-notice" />
    </Stage>
  );
}

function Looking({
  face,
  countdown,
  picture,
}: {
  face: Extract<FaceView, { phase: 'looking' }>;
  countdown: Countdown;
  picture: LivePicture;
}) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  return (
    <Stage
      screen="face"
      reason="looking"
      title={t(`face.guide.${face.guide}`)}
      titleClassName="text-display big:text-title"
      lead={t('face.looking.lead')}
      foot={
        <Actions>
          <CancelAction countdown={countdown}>{t('face.looking.cancel')}</CancelAction>
          <Action testId="action-choose-code" kind="secondary" onPress={intents.chooseCode}>
            {t('face.looking.code')}
          </Action>
        </Actions>
      }
    >
      <LiveCircle picture={picture} guide={face.guide} progress={face.progress} />
    </Stage>
  );
}

function Digits({ countdown }: { countdown: Countdown }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  return (
    <Stage
      screen="face"
      reason="digits"
      title={t('face.digits.title')}
      lead={t('face.digits.lead')}
      foot={
        <Actions>
          <CancelAction countdown={countdown}>{t('face.digits.cancel')}</CancelAction>
          <Action testId="action-choose-code" kind="secondary" onPress={intents.chooseCode}>
            {t('face.digits.code')}
          </Action>
        </Actions>
      }
    >
      <DigitPad onDigits={(digits) => intents.face({ do: 'digits', digits })} />
    </Stage>
  );
}

/** What a second look would not change: there the code is the only way. */
const noSecondTry: ReadonlySet<FaceEnd> = new Set<FaceEnd>(['rate_limited', 'missing', 'denied', 'face_off']);
const cameraTroubles: ReadonlySet<FaceEnd> = new Set<FaceEnd>([
  'missing',
  'busy',
  'denied',
  'black',
  'frozen',
  'face_off',
]);

function Ended({ why, countdown }: { why: FaceEnd; countdown: Countdown }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const icon = cameraTroubles.has(why) ? CameraOff : why === 'rate_limited' ? Clock : ScanFace;
  return (
    <Stage
      screen="face"
      reason={why}
      eyebrow={<Sign tone="amber" icon={icon} />}
      title={t(`face.ended.words.${why}.title`)}
      lead={t(`face.ended.words.${why}.lead`)}
      foot={
        <Foot back={<Back countdown={countdown}>{t('face.ended.back')}</Back>}>
          <Action testId="action-choose-code" onPress={intents.chooseCode}>
            <QrCode className="size-56 shrink-0 big:landscape:hidden" aria-hidden="true" />
            {t('face.ended.code')}
          </Action>
          {!noSecondTry.has(why) && (
            <Action testId="action-start-face" kind="secondary" onPress={() => intents.face({ do: 'start' })}>
              {t('face.ended.again')}
            </Action>
          )}
        </Foot>
      }
    >
      <HoldPhone />
    </Stage>
  );
}
