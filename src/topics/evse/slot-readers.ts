interface Slots {
  readonly [index: number]: { readonly max_current: number; readonly active: boolean } | undefined;
}

/** The limit of a slot in mA; 0 for one that the charger does not have. */
export const slotCurrent = (slots: Slots, index: number): number => slots[index]?.max_current ?? 0;

/** Whether a slot is active; false for one that the charger does not have. */
export const slotActive = (slots: Slots, index: number): boolean => slots[index]?.active ?? false;
