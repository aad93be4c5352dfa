import type { RealProvider } from '../../operator/providers/provider.ts';

/** What the operator asks by an adapter; `isQuiet`: all calls have their answer. Through a socket those take real time. */
export function countedProvider(provider: RealProvider): {
  readonly provider: RealProvider;
  readonly isQuiet: () => boolean;
} {
  let out = 0;
  const through = <A extends unknown[], T>(call: (...args: A) => Promise<T>) => {
    return async (...args: A): Promise<T> => {
      out++;
      try {
        return await call(...args);
      } finally {
        out--;
      }
    };
  };
  const { close, name, means, settlingMs, beforeDoor, wantsAgreement, signUp } = provider;
  return {
    isQuiet: () => out === 0,
    provider: {
      ...{ name, means, settlingMs, beforeDoor, lower: null, payUrl: () => null },
      ...(wantsAgreement !== undefined && { wantsAgreement }),
      ...(signUp !== undefined && {
        signUp: {
          lifeMs: signUp.lifeMs,
          begin: through((request) => signUp.begin(request)),
          look: through((signUpId, known) => signUp.look(signUpId, known)),
        },
      }),
      debit: through((request) => provider.debit(request)),
      query: through((orderId) => provider.query(orderId)),
      close: close === null ? null : through(close),
      open: through((request) => provider.open(request)),
      refund: through((request) => provider.refund(request)),
      findRefund: through((request) => provider.findRefund(request)),
      receive: (notice) => provider.receive(notice),
      answerTo: (taken) => provider.answerTo(taken),
    },
  };
}
