import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import type { KioskSnapshot } from '../../../shared/model/visit.schema.ts';
import { isFaceViewScreen } from '../../../shared/model/face-screens.ts';
import { KioskFrame, Screen } from '../app.tsx';
import { FaceViewOf } from '../face-app.tsx';
import type { Language } from '../../../shared/i18n/language.ts';
import type { Notice } from '../kiosk/kiosk-state.ts';
import { type ViewInput, snapshotOf } from './snapshots.ts';

const nothing = (): void => undefined;
const intents = {
  chooseCode: nothing,
  chooseFace: nothing,
  chooseAccount: nothing,
  face: nothing,
  account: nothing,
  agree: nothing,
  menu: nothing,
  cancel: nothing,
  confirm: nothing,
  report: nothing,
  answer: nothing,
  finish: nothing,
  unlockAgain: nothing,
  openDoor: nothing,
  touched: nothing,
  holdReceipt: nothing,
  fill: nothing,
  putAway: nothing,
  dispute: nothing,
};

/** What is to be seen of a snapshot: the page, or the face view over it while no camera gives a picture. */
function Seen({ snapshot: { visit } }: { snapshot: KioskSnapshot }) {
  const picture = { stream: null, rotation: 0, attach: nothing } as const;
  return isFaceViewScreen(visit) ? <FaceViewOf visit={visit} picture={picture} /> : <Screen view={visit} />;
}

/** The HTML for a snapshot (or for one part of a screen), as it is first painted. */
export function draw(
  snapshot: KioskSnapshot,
  language: Language = 'zh',
  notice: Notice | null = null,
  part: ReactNode = <Seen snapshot={snapshot} />,
): string {
  return renderToStaticMarkup(
    <KioskFrame
      kiosk={{
        snapshot,
        receivedAtMs: 0,
        language,
        largeText: false,
        notice,
        intents,
        toggleLanguage: nothing,
        toggleTextSize: nothing,
      }}
    >
      {part}
    </KioskFrame>,
  );
}

export const drawView = (view: ViewInput, language?: Language): string => draw(snapshotOf(view), language);

export const textOf = (html: string): string => html.replace(/<[^>]+>/g, '');
