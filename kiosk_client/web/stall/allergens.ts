import { t } from "../i18n/i18n";

// The words of EU regulation 1169/2011, annex II, as catalogs write them in English.
const NAMES: Record<string, () => string> = {
  gluten: () => t("gluten"),
  crustaceans: () => t("crustaceans"),
  egg: () => t("egg"),
  fish: () => t("fish"),
  peanuts: () => t("peanuts"),
  soybeans: () => t("soybeans"),
  soya: () => t("soybeans"),
  milk: () => t("milk"),
  nuts: () => t("nuts"),
  celery: () => t("celery"),
  mustard: () => t("mustard"),
  sesame: () => t("sesame"),
  sulphites: () => t("sulphites"),
  lupin: () => t("lupin"),
  molluscs: () => t("molluscs"),
};

/** An allergen in the customer's language; a word of the store's own stays as it is. */
export function allergenName(word: string): string {
  return NAMES[word.toLowerCase()]?.() ?? word;
}
