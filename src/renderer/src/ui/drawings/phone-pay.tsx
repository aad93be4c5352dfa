/** A phone with a card on it: what has to be put right is on the shopper's own phone. */
export function PhonePay() {
  return (
    <div className="grid h-full place-items-center">
      <svg viewBox="0 0 420 440" className="h-full max-h-760 w-full" aria-hidden="true">
        <ellipse cx="210" cy="420" rx="150" ry="14" fill="var(--ink)" opacity="0.07" />
        <rect x="112" y="20" width="196" height="388" rx="34" fill="var(--ink)" />
        <rect x="124" y="32" width="172" height="364" rx="24" fill="var(--card)" />
        <rect x="182" y="44" width="56" height="11" rx="5.5" fill="var(--ink)" />
        <rect x="150" y="84" width="84" height="14" rx="7" fill="var(--line)" />
        <rect x="150" y="110" width="120" height="14" rx="7" fill="var(--line)" opacity="0.6" />
        <rect x="150" y="276" width="120" height="14" rx="7" fill="var(--line)" opacity="0.6" />
        <rect x="150" y="330" width="120" height="40" rx="20" fill="var(--jade)" />
        <path
          d="M196 350l10 10 18-20"
          fill="none"
          stroke="var(--on-jade)"
          strokeWidth="6"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
        <g transform="rotate(-7 210 200)">
          <rect x="70" y="136" width="280" height="120" rx="20" fill="var(--amber-soft)" />
          <rect
            x="70"
            y="136"
            width="280"
            height="120"
            rx="20"
            fill="none"
            stroke="var(--amber-line)"
            strokeWidth="5"
          />
          <path d="M70 164h280v26H70z" fill="var(--amber-line)" opacity="0.75" />
          <rect x="94" y="212" width="44" height="24" rx="6" fill="var(--amber-line)" opacity="0.6" />
          <path d="M158 224h60M234 224h30" stroke="var(--amber-line)" strokeWidth="8" strokeLinecap="round" />
          <circle cx="328" cy="138" r="30" fill="var(--amber)" />
          <path d="M328 122v18" stroke="var(--card)" strokeWidth="8" strokeLinecap="round" />
          <circle cx="328" cy="152" r="4.5" fill="var(--card)" />
        </g>
      </svg>
    </div>
  );
}
