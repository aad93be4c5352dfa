/** Small helpers, so that the page needs no framework. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`no #${id} in the page`);
  return element;
}

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  text = '',
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  if (text !== '') element.textContent = text;
  return element;
}

export function button(label: string, title: string, onClick: () => void): HTMLButtonElement {
  const element = make('button', '', label);
  element.type = 'button';
  element.title = title;
  element.addEventListener('click', onClick);
  return element;
}

/** One of several, as a row of radio buttons; the returned function shows which one holds. */
export function segments(
  fieldset: HTMLElement,
  choices: readonly { readonly value: string; readonly label: string; readonly title: string }[],
  onChoose: (value: string) => void,
): (value: string) => void {
  const inputs = choices.map(({ value, label, title }) => {
    const wrapper = make('label');
    wrapper.title = title;
    const input = make('input');
    input.type = 'radio';
    input.name = fieldset.id;
    input.value = value;
    input.addEventListener('change', () => {
      if (input.checked) onChoose(value);
    });
    wrapper.append(input, make('span', '', label));
    fieldset.append(wrapper);
    return input;
  });
  return (value) => {
    for (const input of inputs) input.checked = input.value === value;
  };
}
