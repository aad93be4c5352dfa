import { useSessionState } from './base/context.ts';
import { SignInForm } from './features/sign-in/sign-in-form.tsx';
import { useWords } from './i18n/words.ts';
import { FrontPage } from './ui/front-page.tsx';

export function App() {
  const words = useWords();
  const state = useSessionState();
  if (state.at === 'starting') return <p className="p-8 text-soft">{words.loading}</p>;
  return (
    <FrontPage heading={words.signIn.heading} lead={words.signIn.lead}>
      <SignInForm />
    </FrontPage>
  );
}
