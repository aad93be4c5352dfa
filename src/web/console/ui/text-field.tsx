import {
  FieldError,
  Input,
  Label,
  Text,
  TextArea,
  TextField as AriaTextField,
  type TextFieldProps,
} from 'react-aria-components';

export const boxClass = [
  'w-full rounded-field border border-edge bg-card px-3 text-body text-ink placeholder:text-soft',
  'data-[invalid]:border-cinnabar',
].join(' ');

/** A field with its name above it, and below it what to know about it. */
export function TextField({
  label,
  hint,
  rows,
  placeholder = '',
  className = '',
  ...props
}: TextFieldProps & {
  label: string;
  hint?: string;
  rows?: number;
  placeholder?: string;
  className?: string;
}) {
  return (
    <AriaTextField {...props} className={`flex min-w-0 flex-col gap-1 ${className}`}>
      <Label className="text-small font-semibold text-ink">{label}</Label>
      {rows === undefined ? (
        <Input className={`${boxClass} min-h-11`} placeholder={placeholder} />
      ) : (
        <TextArea className={`${boxClass} py-2`} rows={rows} placeholder={placeholder} />
      )}
      {hint !== undefined && (
        <Text slot="description" className="text-fine text-soft">
          {hint}
        </Text>
      )}
      <FieldError className="text-fine text-cinnabar-ink" />
    </AriaTextField>
  );
}
