import type { ReactNode } from 'react';

export function Card({
  children,
  as: Element = 'section',
  labelledBy,
}: {
  children: ReactNode;
  as?: 'section' | 'article' | 'div';
  labelledBy?: string;
}) {
  return (
    <Element className="rounded-card bg-card p-4 shadow-card" aria-labelledby={labelledBy}>
      {children}
    </Element>
  );
}
