import type { Words } from './shape.ts';

export const en: Words = {
  title: 'Kaimen support',
  failed: {
    bad_request: 'Something that was filled in is not right. Please check it and try again.',
    unauthenticated: 'You are signed out. Please sign in again.',
    forbidden: 'Your role cannot do this.',
    other_origin: 'This page is too old. Please reload it and try again.',
    not_found: 'Not found.',
    conflict: 'It has changed meanwhile; nothing was done. Please look at how it is now.',
    too_large: 'That is too long. Please shorten it and try again.',
    too_many: 'Too many tries. Please wait a moment.',
    unavailable: 'The service is not available right now. Please try again later.',
    internal:
      'Something is wrong at the service; nothing was done. Try again later; if it stays so, look into its log.',
    unreachable: 'The service cannot be reached. Please check the network and try again.',
  },
  retryIn: (seconds) => `Try again in ${seconds} s.`,
  retry: 'Try again',
  loading: 'Loading…',
  settings: {
    language: 'Language',
    theme: 'Colours',
    themes: { system: 'As the system', day: 'Light', night: 'Dark' },
  },
  signIn: {
    heading: 'Sign in',
    lead: 'Kaimen support console, for staff only.',
    name: 'User name',
    password: 'Password',
    code: 'Code',
    codeHint: 'The 6 digits of your authenticator, or one of your recovery codes.',
    submit: 'Sign in',
    wrong: 'User name, password or code is not right.',
    again: 'Your session has ended',
    againLead: (name) => `Please sign in again as ${name}. What you have typed is kept.`,
    noAccount: 'First time here? Use the one-time link that an administrator gave you.',
  },
};
