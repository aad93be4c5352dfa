/** How it works, in three small pictures. Colours come from the theme, so they turn dark with it. */
const ink = 'var(--ink)';
const soft = 'var(--line)';
const jade = 'var(--jade)';

export function StepScan() {
  return (
    <svg viewBox="0 0 120 96" className="h-full w-full" aria-hidden="true">
      <rect x="36" y="4" width="48" height="76" rx="10" fill="var(--card)" stroke={ink} strokeWidth="4" />
      <path d="M46 18h10v10H46zM64 18h10v10H64zM46 36h10v10H46z" fill="none" stroke={ink} strokeWidth="4" />
      <path d="M63 36h5v5h-5zM70 42h5v5h-5zM63 47h5v4h-5z" fill={ink} />
      <rect x="52" y="64" width="16" height="5" rx="2.5" fill={soft} />
      <path d="M22 88h76" stroke={jade} strokeWidth="6" strokeLinecap="round" />
      <path d="M28 82l-8-12M92 82l8-12" stroke={jade} strokeWidth="4" strokeLinecap="round" opacity="0.55" />
    </svg>
  );
}

export function StepTake() {
  return (
    <svg viewBox="0 0 120 96" className="h-full w-full" aria-hidden="true">
      <rect x="18" y="6" width="58" height="84" rx="8" fill="var(--card)" stroke={ink} strokeWidth="4" />
      <path d="M20 46h54M20 68h54" stroke={soft} strokeWidth="4" />
      <rect x="28" y="26" width="12" height="18" rx="3" fill="#e4533f" />
      <rect x="48" y="22" width="11" height="22" rx="4" fill="#5fa8d6" />
      <rect x="28" y="52" width="14" height="14" rx="3" fill="#f0b63a" />
      <path
        d="M76 8l26 10v66l-26 6z"
        fill="var(--jade-soft)"
        stroke={ink}
        strokeWidth="4"
        strokeLinejoin="round"
      />
      <path d="M84 46v12" stroke={ink} strokeWidth="4" strokeLinecap="round" />
      <path
        d="M50 74h40m-12-10l12 10-12 10"
        fill="none"
        stroke={jade}
        strokeWidth="6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

export function StepClose() {
  return (
    <svg viewBox="0 0 120 96" className="h-full w-full" aria-hidden="true">
      <rect x="22" y="6" width="60" height="84" rx="8" fill="var(--jade-soft)" stroke={ink} strokeWidth="4" />
      <path d="M30 16h44v64H30z" fill="var(--card)" />
      <path d="M36 34h14M36 52h26M36 70h20" stroke={soft} strokeWidth="5" strokeLinecap="round" />
      <path d="M70 44v14" stroke={ink} strokeWidth="4" strokeLinecap="round" />
      <circle cx="86" cy="68" r="22" fill={jade} stroke="var(--paper)" strokeWidth="4" />
      <path
        d="M76 68l7 7 13-14"
        fill="none"
        stroke="var(--on-jade)"
        strokeWidth="5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
