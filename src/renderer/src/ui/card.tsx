import type { ReactNode } from 'react';

/** The surface of a card: white, rounded, a hairline around it. */
export const cardClass = 'rounded-card bg-card shadow-card ring-2 ring-line ring-inset';

interface CardProps {
  /** The element that the content is. */
  readonly as?: 'div' | 'article' | 'section';
  readonly className?: string;
  readonly children: ReactNode;
}

/** Content that belongs together, on a surface of its own. */
export function Card({ as: Tag = 'div', className = '', children }: CardProps) {
  return <Tag className={`${cardClass} ${className}`}>{children}</Tag>;
}
