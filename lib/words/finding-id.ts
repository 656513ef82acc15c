/** What a finding's id may look like where somebody gives one; ours are 32 digits. */
export const findingIdText = /^[\w.:/-]{1,128}$/;
