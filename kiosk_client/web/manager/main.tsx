import "./manager.css";
import "./office.css";
import "./receipts.css";
import { start } from "../shell/start";
import { Manager } from "./Manager";
import "./calls/alerts";
import { link } from "./model";

void start(link, Manager);
