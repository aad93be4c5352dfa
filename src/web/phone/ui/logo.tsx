/** Our mark, as resources/icons/kaimen.svg. */
export function Logo({ className }: { className: string }) {
  return (
    <svg viewBox="0 0 64 64" className={className} aria-hidden="true">
      <rect width="64" height="64" rx="16" fill="#0b7f5e" />
      <path d="M27 13h10v38H27z" fill="#ffd98a" />
      <path d="M13 16a3 3 0 0 1 3-3h8a3 3 0 0 1 3 3v32a3 3 0 0 1-3 3h-8a3 3 0 0 1-3-3z" fill="#fff" />
      <path d="M37 16a3 3 0 0 1 3-3h8a3 3 0 0 1 3 3v32a3 3 0 0 1-3 3h-8a3 3 0 0 1-3-3z" fill="#fff" />
    </svg>
  );
}
