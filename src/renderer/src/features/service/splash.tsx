import { Logo } from '../../ui/logo.tsx';

/** Until the first snapshot is there: our mark, nothing else. */
export function Splash() {
  return (
    <main className="grid h-screen place-items-center" data-testid="screen-splash">
      <Logo className="size-220" />
    </main>
  );
}
