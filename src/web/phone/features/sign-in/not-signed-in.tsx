import type { SignInRefusal } from '../../../../shared/phone/session.ts';
import { Link } from '../../base/address.tsx';
import { useSpeech } from '../../i18n/words.ts';
import { lookOf } from '../../ui/button.tsx';
import { Note } from '../../ui/note.tsx';
import { Service } from '../../ui/service.tsx';
import { Page } from '../../ui/page.tsx';

export function NotSignedIn({ reason }: { reason: SignInRefusal }) {
  const { words } = useSpeech();
  const { title, remedy } = words.signIn.refused[reason];
  return (
    <Page title={title} screen={`not-signed-in-${reason}`}>
      <div role="alert">
        <Note tone="amber">
          <p>{remedy}</p>
        </Note>
      </div>
      <Link to={{ at: 'home' }} className={lookOf('plain', true)}>
        {words.signIn.restart}
      </Link>
      <Service />
    </Page>
  );
}
