import "./kitchen.css";
import { start } from "../shell/start";
import { Kitchen } from "./Kitchen";
import { link, onKey } from "./model";

document.documentElement.dataset["theme"] = "dark";
addEventListener("keydown", onKey);
void start(link, Kitchen);
