/** Where the face belongs, until the camera shows the real one. */
export function FaceOutline() {
  return (
    <svg viewBox="0 0 400 400" className="h-full w-full" aria-hidden="true">
      <rect width="400" height="400" fill="var(--jade-soft)" />
      <path d="M62 400c6-74 52-112 138-112s132 38 138 112z" fill="var(--jade)" opacity="0.16" />
      <path
        d="M200 78c-58 0-90 42-90 102 0 70 42 124 90 124s90-54 90-124c0-60-32-102-90-102z"
        fill="var(--card)"
        stroke="var(--jade)"
        strokeWidth="7"
        strokeDasharray="22 16"
        strokeLinecap="round"
      />
      <g fill="none" stroke="var(--jade)" strokeWidth="9" strokeLinecap="round" strokeLinejoin="round">
        <path d="M163 176v14M237 176v14" strokeWidth="15" />
        <path d="M200 190v30c0 6-6 8-12 8" opacity="0.6" />
        <path d="M170 254c18 16 42 16 60 0" />
      </g>
    </svg>
  );
}
