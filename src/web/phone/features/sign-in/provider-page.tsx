import { visitStore } from '../../base/store.ts';
import { useClient } from '../../base/context.ts';
import { takeReturn } from '../../base/return-to.ts';
import { useAsked } from '../../base/use-asked.ts';
import { useSpeech } from '../../i18n/words.ts';
import { Page } from '../../ui/page.tsx';
import { WhenHere } from '../../ui/waiting.tsx';
import { NotSignedIn } from './not-signed-in.tsx';

/** Come back from the provider that was asked who somebody is: signed in, and back to where they were. */
export function ProviderPage({ code, state }: { code: string; state: string }) {
  const { words } = useSpeech();
  const client = useClient();
  const asked = useAsked(async () => {
    const answer = await client.ask('endProvider', { code, state });
    if (answer.ok && answer.value.signedIn) {
      history.replaceState(null, '', takeReturn(visitStore, location.origin));
      dispatchEvent(new PopStateEvent('popstate'));
      client.signedIn(answer.value);
    }
    return answer;
  }, 'once');
  const { value } = asked;
  if (value?.signedIn === false) return <NotSignedIn reason={value.reason} />;
  return (
    <Page title={words.signIn.title} screen="provider">
      <WhenHere asked={asked} waiting={words.signIn.coming}>
        {() => null}
      </WhenHere>
    </Page>
  );
}
