interface Slots {
  readonly [index: number]: { readonly max_current: number; readonly active: boolean } | undefined;
}

/** The limit of a slot in mA. */
export const slotCurrent = (slots: Slots, index: number): number => slots[index]?.max_current ?? 0;

export const slotActive = (slots: Slots, index: number): boolean => slots[index]?.active ?? false;
